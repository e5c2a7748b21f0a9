package io.maskstream.trainer.block.auxiliary;

import io.maskstream.segmentation.model.zoo.MapNetwork;
import io.maskstream.trainer.block.Feed;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A network that says what is to be added to predicted probabilities to make them the truth.
 *
 * <p>Li and Zheng, "A Residual Correction Approach for Semi-supervised Semantic Segmentation", PRCV 2021. It reads the picture and the
 * probabilities, 3 + C maps, and gives C numbers in [-1, 1] a pixel. It begins by correcting nothing.
 */
public final class ResidualCorrection {
    private static final double TINY = 1e-12;

    private ResidualCorrection() {}

    /** Returns where the network comes from: fresh weights, the last layer silent. */
    public static NetworkSource source(int width) {
        return NetworkSource.named(
                "a fresh correction network, width " + width,
                beginnings -> beginnings.of(MapNetwork.build(
                        "residual-correction",
                        3 + beginnings.classes(),
                        beginnings.classes(),
                        width,
                        MapNetwork.Ending.BOUNDED,
                        beginnings.seed("residual correction"))));
    }

    /** What it reads of a prediction. */
    public record Reading() implements Feed.Making {
        @Override
        public Tensor input(Tensor images, Outputs said) {
            return torch.cat(new TensorVector(images, said.logits().softmax(1)), 1);
        }
    }

    /** The mean distance between the residual that is said and the true one of the prediction that was read. */
    public static LossTerm distance() {
        return LossTerm.named("distance to the residual", lesson -> {
            PseudoLabel target = lesson.target();
            Tensor residual = residual(lesson.fed().logits().softmax(1), target.hard());
            Tensor distances = lesson.learner().logits().sub(residual).abs().mean(new long[] {1}, false, null);
            return Reduction.SELECTED.reduce(distances, target);
        });
    }

    /** Returns {@code onehot(y) - p}, {@code [N, C, H, W]}; where y is 255 it means nothing. */
    static Tensor residual(Tensor probabilities, Tensor hard) {
        Tensor classes = hard.clamp_max(new Scalar(probabilities.size(1) - 1)).unsqueeze(1); // [N, 1, H, W]
        Tensor ones = torch.ones_like(probabilities.narrow(1, 0, 1));
        return probabilities.neg().scatter_add(1, classes, ones);
    }

    /** Takes the most probable class of the first giver's probabilities as the second, this network, corrects them. */
    public static Labeler corrected() {
        return Labeler.named(
                "most probable class after correction",
                (givers, source, progress) -> Labeler.mostProbable(
                        corrected(
                                givers.get(0).logits().softmax(1), givers.get(1).logits()),
                        source));
    }

    /** Returns {@code p + r}, cut to [0, 1] and divided by the sum over the classes. */
    static Tensor corrected(Tensor probabilities, Tensor residual) {
        Tensor cut = probabilities.add(residual).clamp_min(new Scalar(0.0)).clamp_max(new Scalar(1.0));
        return cut.div(cut.sum(new long[] {1}, true, null).clamp_min(new Scalar(TINY)));
    }
}
