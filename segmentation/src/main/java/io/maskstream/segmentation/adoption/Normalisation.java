package io.maskstream.segmentation.adoption;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How bytes become the numbers that a network was trained on: {@code (byte / 255 - mean) / std}.
 *
 * @param name what it is called on the command line
 * @param mean of red, green and blue, on the scale [0, 1]
 * @param std of red, green and blue, on the scale [0, 1]
 */
public record Normalisation(String name, List<Float> mean, List<Float> std) {
    /** {@code byte / 127.5 - 1}, in [-1, 1]: TensorFlow's model zoos, and this project's own networks. */
    public static final Normalisation SYMMETRIC = of("symmetric", 0.5f, 0.5f);

    /** {@code byte / 255}, in [0, 1]. */
    public static final Normalisation UNIT = of("unit", 0, 1);

    /** The bytes as they are, 0 to 255: networks that normalise inside the graph. */
    public static final Normalisation BYTES = of("bytes", 0, 1 / 255f);

    /** The mean and deviation of ImageNet, as torchvision has them. */
    public static final Normalisation IMAGENET =
            new Normalisation("imagenet", List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    private static final Map<String, Normalisation> BY_NAME = new LinkedHashMap<>();

    static {
        for (Normalisation one : List.of(SYMMETRIC, UNIT, BYTES, IMAGENET)) {
            BY_NAME.put(one.name, one);
        }
    }

    public Normalisation {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** Returns the normalisation of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static Normalisation named(String name) {
        Normalisation found = BY_NAME.get(name);
        if (found == null) {
            throw new IllegalArgumentException("there is no normalisation '" + name + "'; there are "
                    + String.join(", ", BY_NAME.keySet()) + ", or give --mean and --std");
        }
        return found;
    }

    private static Normalisation of(String name, float mean, float std) {
        return new Normalisation(name, List.of(mean, mean, mean), List.of(std, std, std));
    }

    @Override
    public String toString() {
        return name + " (mean " + mean + ", std " + std + ")";
    }
}
