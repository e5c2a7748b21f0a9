package io.maskstream.trainer.block;

/**
 * A small running statistic that blocks of a recipe write and read, such as a threshold a class. It is part of every checkpoint and
 * persists between rounds.
 *
 * <p>A bank belongs to one recipe; blocks hold it directly.
 */
public interface Bank {
    /** Returns its name within the recipe. */
    String name();

    /** Returns all that it knows; always as many numbers. */
    double[] state();

    /**
     * Takes what {@link #state} gave.
     *
     * @throws IllegalArgumentException if there are not as many numbers
     */
    void restore(double[] state);
}
