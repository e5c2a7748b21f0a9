package io.maskstream.trainer.block.view;

import io.maskstream.trainer.block.Paste;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.label.ClassConfidence;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Pastes all pixels of one class of a random donor into an image, classes that are not learned well more often, with their labels.
 *
 * <p>The dynamic cross-set copy-paste of UCC (Fan et al., CVPR 2022), after the adaptive one of AEL (Hu et al., NeurIPS 2021). The class is
 * drawn among those that the donor has, and pasted where it was.
 *
 * @param confidence says which classes are needed
 * @param chance that an image receives
 */
public record ClassPaste(ClassConfidence confidence, double chance) implements Paste {

    @Override
    public View.Plan plan(Tensor pixels, Donors donors, RandomGenerator random) {
        int images = (int) pixels.size(0);
        int givers = (int) donors.pixels().size(0);
        double[] needs = confidence.needs();
        long[] donor = new long[images];
        long[] wanted = new long[images];
        for (int i = 0; i < images; i++) {
            donor[i] = random.nextInt(givers);
            double draw = random.nextDouble();
            Tensor hard = donors.labels().hard().select(0, donor[i]);
            wanted[i] = random.nextDouble() < chance ? draw(needs, hard, draw) : -1;
        }
        Tensor chosen = torch.tensor(donor).to(pixels.device(), torch.ScalarType.Long);
        Tensor classes = torch.tensor(wanted).to(pixels.device(), torch.ScalarType.Long);
        PseudoLabel labels = donors.labels().ordered(chosen);
        return new PastePlan(
                labels.hard().eq(classes.view(new long[] {images, 1, 1})),
                donors.pixels().index_select(0, chosen),
                labels);
    }

    /** Returns a class that is in a label {@code [H, W]}, or -1 if there is none. */
    private static long draw(double[] needs, Tensor hard, double draw) {
        Tensor known = hard.masked_select(hard.lt(new Scalar(needs.length)));
        double[] pixels = ImageTensors.toDoubles(torch.bincount(known, new TensorOptional(), needs.length));
        double sum = 0;
        for (int c = 0; c < needs.length; c++) {
            sum += pixels[c] > 0 ? needs[c] : 0;
        }
        double left = draw * sum;
        long last = -1;
        for (int c = 0; c < needs.length; c++) {
            if (pixels[c] > 0) {
                last = c;
                left -= needs[c];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    /**
     * One draw.
     *
     * @param mask {@code [N, H, W]} bool, where the donor shows
     * @param pixels of each image's donor
     * @param donors what is known of them
     */
    private record PastePlan(Tensor mask, Tensor pixels, PseudoLabel donors) implements View.Plan {
        @Override
        public Tensor images(Tensor receivers) {
            return torch.where(mask.unsqueeze(1), pixels, receivers);
        }

        /** The probabilities of the receiver's giver are 0 where a donor shows: nobody gave any. */
        @Override
        public PseudoLabel labels(PseudoLabel label) {
            PseudoLabel mixed = label.mixed(mask, donors);
            Tensor soft = label.soft();
            return new PseudoLabel(
                    mixed.hard(),
                    mixed.confidence(),
                    soft == null ? null : soft.masked_fill(mask.unsqueeze(1), new Scalar(0.0)),
                    mixed.weight(),
                    mixed.valid(),
                    label.source());
        }

        @Override
        public Tensor maps(Tensor maps) {
            return maps.masked_fill(mask.unsqueeze(1), new Scalar(0.0));
        }
    }
}
