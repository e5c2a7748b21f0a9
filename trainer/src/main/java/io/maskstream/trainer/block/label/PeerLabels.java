package io.maskstream.trainer.block.label;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.network.Outputs;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Labels on which two givers have a say: where they agree, where either is believed, and where they contradict each other. */
public final class PeerLabels {
    private PeerLabels() {}

    /**
     * What each of two givers takes for the most probable class.
     *
     * @param first by the first giver
     * @param second by the second
     * @param equal {@code [N, H, W]} bool, where they agree
     */
    record Pair(PseudoLabel first, PseudoLabel second, Tensor equal) {
        static Pair of(List<Outputs> givers, LabelSource source) {
            if (givers.size() != 2) {
                throw new IllegalArgumentException("two givers are compared, found " + givers.size());
            }
            PseudoLabel first = Labeler.mostProbable(givers.get(0).logits().softmax(1), source);
            PseudoLabel second = Labeler.mostProbable(givers.get(1).logits().softmax(1), source);
            return new Pair(first, second, first.hard().eq(second.hard()));
        }

        /** Returns the mean confidence {@code [N, H, W]}. */
        Tensor meanConfidence() {
            return first.confidence().add(second.confidence()).mul(new Scalar(0.5));
        }
    }

    /** Takes the class on which both agree, weighing its mean confidence, and nothing elsewhere: CPCL, Fan et al., TIP 2023. */
    public static Labeler intersection() {
        return Labeler.named("where both agree, by mean confidence", (givers, source, progress) -> {
            Pair pair = Pair.of(givers, source);
            Tensor confidence = pair.meanConfidence();
            return PseudoLabel.of(pair.first().hard(), confidence, null, source)
                    .weighted(confidence.mul(pair.equal().to(torch.ScalarType.Float)));
        });
    }

    /** Takes the class on which the only giver and one of its branches agree, with the giver's confidence, and nothing elsewhere. */
    public static Labeler agreement(String branch) {
        return Labeler.named("where " + branch + " agrees", (givers, source, progress) -> {
            PseudoLabel own = Labeler.argmax().label(givers, source, progress);
            PseudoLabel other = Labeler.argmax(branch).label(givers, source, progress);
            Tensor disputed = own.hard().ne(other.hard());
            return PseudoLabel.of(
                    own.hard().masked_fill(disputed, new Scalar(Mask.IGNORE)), own.confidence(), null, source);
        });
    }

    /**
     * Takes the class on which both agree; where they contradict each other, the one of the two classes that the pair disputes more, the
     * second giver's in a tie. The weight is the mean confidence, or that of the giver who was chosen: CPCL, Fan et al., TIP 2023.
     *
     * @param dispute learns from every batch that is labelled, and says how much each class is disputed
     */
    public static Labeler union(ClassDispute dispute) {
        return new Union(dispute);
    }

    private record Union(ClassDispute dispute) implements Labeler {
        @Override
        public PseudoLabel label(List<Outputs> givers, LabelSource source, Progress progress) {
            Pair pair = Pair.of(givers, source);
            return label(pair, torch.ones_like(pair.equal()), source);
        }

        @Override
        public PseudoLabel labelShown(List<Outputs> givers, Tensor valid, LabelSource source, Progress progress) {
            return label(Pair.of(givers, source), valid, source);
        }

        private PseudoLabel label(Pair pair, Tensor valid, LabelSource source) {
            Tensor first = pair.first().hard();
            Tensor second = pair.second().hard();
            dispute.observe(first.masked_select(valid), second.masked_select(valid));
            Tensor disputed = torch.tensor(dispute.shares()).to(first.device(), torch.ScalarType.Float); // [C]
            Tensor ofFirst = disputed.index_select(0, first.flatten()).view_as(first);
            Tensor ofSecond = disputed.index_select(0, second.flatten()).view_as(second);
            Tensor byFirst = ofFirst.gt(ofSecond);
            Tensor chosen = torch.where(
                    byFirst, pair.first().confidence(), pair.second().confidence());
            Tensor confidence = torch.where(pair.equal(), pair.meanConfidence(), chosen);
            return PseudoLabel.of(torch.where(byFirst, first, second), confidence, null, source)
                    .weighted(confidence);
        }

        @Override
        public String toString() {
            return "the class more in dispute, by " + dispute;
        }
    }

    /**
     * Takes the first giver's class, and stresses where it contradicts the second although the first is confident: there the weight is 1,
     * elsewhere {@code 1 / emphasis}, so a loss over the valid pixels times {@code emphasis} counts the others once: CCVC, Wang et al., CVPR
     * 2023.
     *
     * @param threshold a confidence above it is stressed
     * @param emphasis how much more a confident contradiction counts, at least 1
     */
    public static Labeler stressingConflicts(double threshold, double emphasis) {
        return Labeler.named(
                "most probable class of the first, confident conflicts above " + threshold + " times " + emphasis,
                (givers, source, progress) -> {
                    Pair pair = Pair.of(givers, source);
                    Tensor conflict = pair.equal()
                            .logical_not()
                            .logical_and(pair.first().confidence().gt(new Scalar(threshold)))
                            .to(torch.ScalarType.Float);
                    double usual = 1 / emphasis;
                    return pair.first()
                            .weighted(conflict.mul(new Scalar(1 - usual)).add(new Scalar(usual)));
                });
    }
}
