package io.maskstream.trainer.block.loss;

import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.LossTerm;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Lets a branch learn only while its loss is so many times that of the network's own head, so that it stays worse and makes errors to
 * learn from.
 *
 * <p>Kwon and Kwak, "Semi-supervised Semantic Segmentation with Error Localization Network", CVPR 2022. One gate for the whole batch; at
 * exactly so many times it is open, as in the authors' code.
 *
 * @param term what both are measured by
 * @param branch that learns
 * @param times how many times worse it stays
 */
public record KeptWorse(LossTerm term, String branch, double times) implements LossTerm {
    @Override
    public Tensor loss(Lesson lesson) {
        return gated(term.on(branch).loss(lesson), term.loss(lesson).detach());
    }

    Tensor gated(Tensor branchLoss, Tensor ownLoss) {
        Tensor open = branchLoss.detach().ge(ownLoss.mul(new Scalar(times)));
        return branchLoss.mul(open.to(torch.ScalarType.Float));
    }

    @Override
    public String toString() {
        return term + " on " + branch + ", while at least " + times + " times the network's own";
    }
}
