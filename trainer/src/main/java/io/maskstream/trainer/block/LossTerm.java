package io.maskstream.trainer.block;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.network.Outputs;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** One scalar to make smaller. */
@FunctionalInterface
public interface LossTerm {

    /**
     * Compares what a learner says with what it should say.
     *
     * @return a scalar; 0, with its gradient, if no pixel counts
     */
    Tensor loss(Lesson lesson);

    /** As {@link #loss(Lesson)}, of outputs and labels alone. */
    default Tensor loss(Outputs learner, PseudoLabel target) {
        return loss(Lesson.of(learner, target));
    }

    /** Returns a term of the class scores {@code [N, C, H, W]} and the labels alone. */
    static LossTerm ofScores(String text, BiFunction<Tensor, PseudoLabel, Tensor> loss) {
        return named(text, lesson -> loss.apply(lesson.learner().logits(), lesson.target()));
    }

    /** Returns this term of a branch's class scores in place of the network's own. */
    default LossTerm on(String branch) {
        return named(this + " on " + branch, lesson -> loss(new BranchLesson(lesson, branch)));
    }

    /**
     * Cross-entropy against the hard label, each pixel times its weight, in nats.
     *
     * <p>With weights 0 or 1 by a confidence threshold and {@link Reduction#VALID}: Sohn et al., "FixMatch", NeurIPS 2020, eq. 4, per
     * pixel.
     */
    static LossTerm crossEntropy(Reduction reduction) {
        return ofScores(
                "cross-entropy over " + reduction,
                (logits, target) -> reduction.reduce(pixelCrossEntropy(logits, target.hard()), target));
    }

    /**
     * Cross-entropy as {@link #crossEntropy(Reduction)}, each pixel also times the weight of its class.
     *
     * <p>The divisor is that of the reduction, without class weights; these are 1 on average over the pixels.
     */
    static LossTerm crossEntropy(Reduction reduction, ClassWeights classes) {
        float[] weights = classes.toArray();
        return ofScores("cross-entropy by class weights over " + reduction, (logits, target) -> {
            requireSamePixels(logits, target.hard());
            Tensor byClass = torch.tensor(weights).to(logits.device(), torch.ScalarType.Float);
            Tensor losses =
                    torch.cross_entropy_loss(logits, target.hard(), new TensorOptional(byClass), 0, Mask.IGNORE, 0.0);
            return reduction.reduce(losses, target);
        });
    }

    /**
     * Squared distance of the probabilities, summed over the classes: the consistency of Mean Teacher as in French et al., BMVC 2020.
     *
     * @throws IllegalArgumentException if the target has no probabilities
     */
    static LossTerm squaredDistance(Reduction reduction) {
        return ofScores("squared distance over " + reduction, (logits, target) -> {
            Tensor wanted = target.probabilities()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the squared distance needs soft labels; " + target.source() + " gave hard ones only"));
            Tensor distances = logits.softmax(1).sub(wanted).square().sum(new long[] {1}, false, null); // [N, H, W]
            return reduction.reduce(distances, target);
        });
    }

    /**
     * Cross-entropy against the target's probabilities, summed over the classes, in nats.
     *
     * @throws IllegalArgumentException if the target has no probabilities
     */
    static LossTerm softCrossEntropy(Reduction reduction) {
        return ofScores("soft cross-entropy over " + reduction, (logits, target) -> {
            Tensor wanted = target.probabilities()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the soft cross-entropy needs soft labels; " + target.source() + " gave hard ones only"));
            Tensor losses = logits.log_softmax(1).mul(wanted).sum(new long[] {1}, false, null); // [N, H, W]
            return reduction.reduce(losses.neg(), target);
        });
    }

    /**
     * Cross-entropy against the hard label, each pixel by 1 plus its confidence, divided by the sum of these over all pixels, where one
     * without a label counts 1: Jin et al., "Gentle Teaching Assistant", NeurIPS 2022.
     */
    static LossTerm trustingCrossEntropy() {
        return ofScores("cross-entropy by 1 + confidence", (logits, target) -> {
            Tensor labelled = target.hard().ne(new Scalar(Mask.IGNORE)).to(torch.ScalarType.Float);
            Tensor trust = target.confidence().mul(labelled).add(new Scalar(1.0));
            Tensor losses = pixelCrossEntropy(logits, target.hard()).mul(target.weight());
            return losses.mul(trust).sum().div(trust.sum());
        });
    }

    /**
     * Returns this term, which may look at class scores and labels alone, of labels whose confidence another member gives anew: its
     * largest probability on the very pictures that the learner sees.
     *
     * @param refinement of the labels after that
     */
    default LossTerm judgedBy(String member, Refinement refinement) {
        return named(this + ", confidence by " + member + ", then " + refinement, lesson -> {
            PseudoLabel label = lesson.target();
            Tensor most = lesson.beside(member).logits().softmax(1).max(1).get0(); // [N, H, W]
            PseudoLabel judged =
                    new PseudoLabel(label.hard(), most, label.soft(), label.weight(), label.valid(), label.source());
            return loss(lesson.learner(), refinement.refine(judged, lesson.progress()));
        });
    }

    /** Returns {@code -log p[hard]} for every pixel {@code [N, H, W]}, 0 where hard is 255. */
    static Tensor pixelCrossEntropy(Tensor logits, Tensor hard) {
        requireSamePixels(logits, hard);
        return torch.cross_entropy_loss(logits, hard, new TensorOptional(), 0, Mask.IGNORE, 0.0);
    }

    private static void requireSamePixels(Tensor logits, Tensor hard) {
        if (logits.size(2) != hard.size(1) || logits.size(3) != hard.size(2) || logits.size(0) != hard.size(0)) {
            throw new IllegalArgumentException("logits and labels must show the same pixels, found "
                    + java.util.Arrays.toString(logits.shape()) + " and " + java.util.Arrays.toString(hard.shape()));
        }
    }

    /** Returns this with its value multiplied. */
    default LossTerm times(double factor) {
        return named(factor + " times " + this, lesson -> loss(lesson).mul(new Scalar(factor)));
    }

    /** Gives a term a text, which is how it prints. */
    static LossTerm named(String text, LossTerm term) {
        record Named(String text, LossTerm term) implements LossTerm {
            @Override
            public Tensor loss(Lesson lesson) {
                return term.loss(lesson);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, term);
    }
}
