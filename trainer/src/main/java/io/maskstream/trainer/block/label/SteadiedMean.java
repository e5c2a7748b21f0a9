package io.maskstream.trainer.block.label;

import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.network.Outputs;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes the most probable class of the mean score of two teachers that learn in turns; of the one that rests, only its highest scores
 * count, and the rest are the other's.
 *
 * <p>Liu et al., "Perturbed and Strict Mean Teachers", CVPR 2022: the stabiliser.
 *
 * @param top how many scores of the resting teacher count, at least 1
 * @param turn share of the training that a turn takes
 * @param from share of the training at which the first teacher's turn begins
 */
public record SteadiedMean(int top, double turn, double from) implements Labeler {
    @Override
    public PseudoLabel label(List<Outputs> givers, LabelSource source, Progress progress) {
        if (givers.size() != 2) {
            throw new IllegalArgumentException("two teachers take turns, found " + givers.size());
        }
        int learning = WeightTransfer.turnAt(progress, 2, turn, from);
        Tensor active = givers.get(learning).logits();
        Tensor resting = givers.get(1 - learning).logits(); // [N, C, H, W]
        if (top < resting.size(1)) {
            Tensor least = torch.topk(resting, top, 1, true, true).get0().narrow(1, top - 1L, 1);
            resting = torch.where(resting.ge(least), resting, active);
        }
        return Labeler.mostProbable(active.add(resting).div(new Scalar(2.0)).softmax(1), source);
    }

    @Override
    public String toString() {
        return "most probable class of the mean score, of the resting teacher by its top " + top;
    }
}
