package io.maskstream.segmentation.uncertainty;

import java.util.Arrays;
import java.util.List;

/** The image-level measures, each in [0, 1], large = uncertain, and the names they have in events, files and settings. */
public enum UncertaintyMeasure {
    /** The mean over pixels of the entropy over {@code ln C}. */
    ENTROPY("entropy"),
    /** The mean over pixels of 1 less the gap between the two largest probabilities. */
    MARGIN("margin"),
    /** The mean over pixels of 1 less the largest probability. */
    CONFIDENCE("confidence"),
    /** The mean normalised entropy of the worst twentieth, rounded up, of the regions: finds small bad places. */
    REGIONS("regions"),
    /** The mean normalised entropy of the pixels at a border between predicted classes; 0 if there is no border. */
    BOUNDARY("boundary");

    private final String wireName;

    UncertaintyMeasure(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name in events, files and settings. */
    public String wireName() {
        return wireName;
    }

    /** Returns all names, in the order of the measures. */
    public static List<String> wireNames() {
        return Arrays.stream(values()).map(UncertaintyMeasure::wireName).toList();
    }

    /** Returns the measure of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static UncertaintyMeasure named(String name) {
        for (UncertaintyMeasure measure : values()) {
            if (measure.wireName.equals(name)) {
                return measure;
            }
        }
        throw new IllegalArgumentException(
                "no measure of uncertainty is named '" + name + "'; there are " + wireNames());
    }
}
