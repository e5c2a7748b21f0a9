package io.maskstream.trainer.method;

/**
 * A number of a method that a user may change. Numbers that a paper does not give are options, so that nobody takes our choice for the
 * authors'.
 *
 * @param name lower case, with hyphens
 * @param usual the value where nothing is set
 * @param least smallest value
 * @param most largest value
 * @param meaning in a line, with its unit, and whether the choice is ours
 */
public record Option(String name, double usual, double least, double most, String meaning) {
    public Option {
        if (!(least <= usual && usual <= most)) {
            throw new IllegalArgumentException(name + " lies in [" + least + ", " + most + "], not at " + usual);
        }
    }

    /** Returns the option {@code threshold} with a method's own usual value. */
    public static Option threshold(double usual) {
        return new Option("threshold", usual, 0, 1, "confidence from which a pseudo-label counts");
    }

    /** Returns the option {@code unlabelled-weight} with a method's own usual value; at 0 every method is supervised learning. */
    public static Option unlabelledWeight(double usual) {
        return new Option("unlabelled-weight", usual, 0, 1000, "weight of the loss on images without annotation");
    }

    /** Returns the option {@code held-out} of methods that choose between networks. */
    public static Option heldOut() {
        return new Option("held-out", 0.2, 0, 0.5, "share of the annotated images to choose by, at least one; ours");
    }

    /** Returns the option {@code ramp} with a method's own usual value. */
    public static Option ramp(double usual) {
        return new Option("ramp", usual, 0, 1, "share of the training in which the unlabelled loss comes in");
    }
}
