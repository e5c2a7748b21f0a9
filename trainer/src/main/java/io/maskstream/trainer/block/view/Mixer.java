package io.maskstream.trainer.block.view;

import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A view that puts part of one image into another: {@code x (1 - M) + partner M}, for labels, weights and validity alike. */
@FunctionalInterface
public interface Mixer extends View {

    @Override
    MixPlan plan(int images, int height, int width, RandomGenerator random);

    /** One draw: which pixels come from which partner. */
    interface MixPlan extends Plan {

        /** Returns where the partner shows, {@code [N, H, W]} bool. */
        Tensor mask(Tensor like);

        /** Returns each image's partner in the same batch. */
        long[] partners();

        /** Mixes pictures with those of another batch, image by image. */
        default Tensor images(Tensor pixels, Tensor partner) {
            return torch.where(mask(pixels).unsqueeze(1), partner, pixels);
        }

        /** Mixes labels with those of another batch, image by image. */
        default PseudoLabel labels(PseudoLabel label, PseudoLabel partner) {
            return label.mixed(mask(label.hard()), partner);
        }

        @Override
        default Tensor images(Tensor pixels) {
            return images(pixels, pick(pixels));
        }

        @Override
        default Tensor maps(Tensor maps) {
            return images(maps);
        }

        @Override
        default PseudoLabel labels(PseudoLabel label) {
            return labels(label, label.ordered(order(label.hard())));
        }

        private Tensor pick(Tensor batch) {
            return batch.index_select(0, order(batch));
        }

        private Tensor order(Tensor like) {
            return torch.tensor(partners()).to(like.device(), torch.ScalarType.Long);
        }
    }
}
