package io.maskstream.trainer.block;

import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/** A mixing that needs to know what is where: it puts pixels of donors, chosen by their labels, into images. */
@FunctionalInterface
public interface Paste {

    /**
     * Draws what will be pasted.
     *
     * @param pixels the pictures that receive, {@code [N, 3, H, W]} in [0, 255]
     */
    View.Plan plan(Tensor pixels, Donors donors, RandomGenerator random);

    /**
     * Who gives.
     *
     * @param pixels {@code [M, 3, H, W]} in [0, 255], of the receivers' size
     * @param labels of the same pictures
     */
    record Donors(Tensor pixels, PseudoLabel labels) {}

    /** Gives a paste a text, which is how it prints. */
    static Paste named(String text, Paste paste) {
        record Named(String text, Paste paste) implements Paste {
            @Override
            public View.Plan plan(Tensor pixels, Donors donors, RandomGenerator random) {
                return paste.plan(pixels, donors, random);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, paste);
    }
}
