package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Tensor;

/**
 * What an auxiliary network reads in place of the picture: something made of the picture and of what another member said of it,
 * without gradient.
 *
 * @param giver the member whose outputs are read
 * @param training whether that member looks in training mode
 * @param making how the input is made
 */
public record Feed(String giver, boolean training, Making making) {

    /** Makes the input of a network. */
    @FunctionalInterface
    public interface Making {
        /**
         * Returns the input {@code [N, D, H, W]}.
         *
         * @param images {@code [N, 3, H, W]}, normalised
         * @param said by the giver, of these images
         */
        Tensor input(Tensor images, Outputs said);
    }
}
