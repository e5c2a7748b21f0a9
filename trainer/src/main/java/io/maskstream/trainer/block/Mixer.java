package io.maskstream.trainer.block;

import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

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
            Tensor mask = mask(label.hard());
            return new PseudoLabel(
                    torch.where(mask, partner.hard(), label.hard()),
                    torch.where(mask, partner.confidence(), label.confidence()),
                    soft(mask, label.soft(), partner.soft()),
                    torch.where(mask, partner.weight(), label.weight()),
                    torch.where(mask, partner.valid(), label.valid()),
                    label.source());
        }

        private static @Nullable Tensor soft(Tensor mask, @Nullable Tensor label, @Nullable Tensor partner) {
            return label == null || partner == null ? null : torch.where(mask.unsqueeze(1), partner, label);
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
            Tensor soft = label.soft();
            PseudoLabel partner = new PseudoLabel(
                    pick(label.hard()),
                    pick(label.confidence()),
                    soft == null ? null : pick(soft),
                    pick(label.weight()),
                    pick(label.valid()),
                    label.source());
            return labels(label, partner);
        }

        private Tensor pick(Tensor batch) {
            return batch.index_select(0, torch.tensor(partners()).to(batch.device(), torch.ScalarType.Long));
        }
    }
}
