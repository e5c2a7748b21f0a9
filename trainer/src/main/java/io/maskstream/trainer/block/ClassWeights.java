package io.maskstream.trainer.block;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a pixel of each class counts for in a loss, so that a common class does not drown a rare one.
 *
 * @param values one a class, above 0
 * @param shares of the annotated pixels that each class has, which sum to 1
 */
public record ClassWeights(List<Float> values, List<Double> shares) {
    private static final double MOST = 10;

    public ClassWeights {
        values = List.copyOf(values);
        shares = List.copyOf(shares);
        if (values.isEmpty() || values.stream().anyMatch(value -> !(value > 0))) {
            throw new IllegalArgumentException("the weight of a class is above 0, found " + values);
        }
        if (shares.size() != values.size()) {
            throw new IllegalArgumentException(
                    values.size() + " classes have " + values.size() + " shares, found " + shares.size());
        }
    }

    /** Weighs classes that have as many pixels each. */
    public ClassWeights(List<Float> values) {
        this(values, Collections.nCopies(values.size(), 1.0 / values.size()));
    }

    /** Returns the weights under which every pixel counts alike. */
    public static ClassWeights equal(int classes) {
        return new ClassWeights(Collections.nCopies(classes, 1f));
    }

    /**
     * Returns weights that fall with the root of a class's share of the pixels, and are 1 on average over the pixels.
     *
     * <p>The root is the middle between counting pixels and counting classes. No weight is more than 10 times that of the most common
     * class; a class without pixels gets the largest weight of those that have some.
     *
     * @param pixels of each class
     */
    public static ClassWeights ofPixels(List<Long> pixels) {
        double all = pixels.stream().mapToLong(Long::longValue).sum();
        long most = pixels.stream().mapToLong(Long::longValue).max().orElse(0);
        if (most == 0) {
            return equal(pixels.size());
        }
        double[] raw = new double[pixels.size()];
        double largest = 1;
        double mean = 0;
        for (int c = 0; c < raw.length; c++) {
            if (pixels.get(c) > 0) {
                raw[c] = Math.min(MOST, Math.sqrt(most / (double) pixels.get(c)));
                largest = Math.max(largest, raw[c]);
                mean += raw[c] * pixels.get(c) / all;
            }
        }
        List<Float> weights = new ArrayList<>();
        for (double value : raw) {
            weights.add((float) ((value == 0 ? largest : value) / mean));
        }
        return new ClassWeights(
                weights, pixels.stream().map(count -> count / all).toList());
    }

    /**
     * Returns weights that fall with another power of a class's share than the root, and are 1 on average over the pixels.
     *
     * @param power 0 counts pixels, 0.5 is what {@link #ofPixels} returns, 1 counts classes, at most 100 times the most common
     */
    public ClassWeights withPower(double power) {
        double[] raised =
                values.stream().mapToDouble(value -> Math.pow(value, 2 * power)).toArray();
        double mean = 0;
        for (int c = 0; c < raised.length; c++) {
            mean += raised[c] * shares.get(c);
        }
        double unit = mean;
        return new ClassWeights(
                Arrays.stream(raised).mapToObj(value -> (float) (value / unit)).toList(), shares);
    }

    float[] toArray() {
        float[] array = new float[values.size()];
        for (int c = 0; c < array.length; c++) {
            array[c] = values.get(c);
        }
        return array;
    }
}
