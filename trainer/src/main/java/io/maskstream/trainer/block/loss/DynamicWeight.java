package io.maskstream.trainer.block.loss;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Cross-entropy against another network's stored labels, each pixel weighted by what the learner thinks of the label now.
 *
 * <p>Survey eq. 5: Feng et al., "DMT: Dynamic mutual training", Pattern Recognition 130, 2022. With p the learner's probability of the
 * label: {@code p^agree} where it agrees, {@code p^differ} where it differs and the labeller was at least as sure, 0 where it differs and is
 * surer itself. The weights are not made to sum to anything, so that the loss grows as the learner gets surer. With both exponents 0 there
 * are no weights.
 *
 * @param agree exponent where the learner agrees with the label
 * @param differ exponent where it does not
 */
public record DynamicWeight(double agree, double differ) implements LossTerm {

    @Override
    public Tensor loss(Lesson lesson) {
        Tensor logits = lesson.learner().logits();
        PseudoLabel target = lesson.target();
        Tensor losses = LossTerm.pixelCrossEntropy(logits, target.hard());
        Tensor weighted = agree == 0 && differ == 0 ? losses : losses.mul(weights(logits.detach(), target));
        return Reduction.SELECTED.reduce(weighted, target);
    }

    /** Returns the weight of every pixel, {@code [N, H, W]} in [0, 1], without gradient. */
    Tensor weights(Tensor logits, PseudoLabel target) {
        Tensor probabilities = logits.softmax(1);
        Tensor named = target.hard().masked_fill(target.hard().eq(new Scalar(Mask.IGNORE)), new Scalar(0));
        Tensor ofLabel = probabilities.gather(1, named.unsqueeze(1)).squeeze(1); // [N, H, W]
        T_TensorTensor_T most = probabilities.max(1);
        Tensor agrees = probabilities.argmax(new LongOptional(1), false).eq(named);
        Tensor trusted = target.confidence().ge(most.get0()).to(torch.ScalarType.Float);
        return torch.where(
                agrees,
                ofLabel.pow(new Scalar(agree)),
                ofLabel.pow(new Scalar(differ)).mul(trusted));
    }
}
