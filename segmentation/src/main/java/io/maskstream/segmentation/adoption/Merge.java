package io.maskstream.segmentation.adoption;

import java.util.Locale;

/** How a new class starts from several old ones. */
public enum Merge {
    /**
     * The old classifier stays, and each new class scores the log of the sum of the exponentials of its old classes, so
     * its probability is the sum of theirs: nothing that the network knows is lost, and all of it learns on.
     */
    LOG_SUM_EXP,
    /** The weights and biases of the old classes are averaged into one classifier of the new classes' size. */
    MEAN;

    /** Returns the merge of that name, or throws {@link IllegalArgumentException} with both. */
    public static Merge named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "log-sum-exp" -> LOG_SUM_EXP;
            case "mean" -> MEAN;
            default -> throw new IllegalArgumentException("a merge is log-sum-exp or mean, found '" + name + "'");
        };
    }

    @Override
    public String toString() {
        return this == MEAN ? "mean" : "log-sum-exp";
    }
}
