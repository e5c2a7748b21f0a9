package io.maskstream.trainer.block.label;

import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Labels by vote of several givers, as n-CPS uses its networks together: Filipiak et al., 2021. The soft vote is {@link
 * Labeler#meanProbability()}.
 */
public final class Votes {
    private Votes() {}

    /** Takes the class of which any giver is most confident; a tie goes to the lower class. */
    public static Labeler byConfidence() {
        return Labeler.named("the most confident giver's class", (givers, source, progress) -> {
            Tensor most = givers.get(0).logits().softmax(1);
            for (Outputs giver : givers.subList(1, givers.size())) {
                most = torch.maximum(most, giver.logits().softmax(1));
            }
            PseudoLabel label = Labeler.mostProbable(most, source);
            return PseudoLabel.of(label.hard(), label.confidence(), null, source);
        });
    }

    /**
     * Takes the class that most givers find most probable; a tie goes to the lower class. Confidence and probabilities are shares of the
     * votes.
     */
    public static Labeler byMajority() {
        return Labeler.named("the class of most givers", (givers, source, progress) -> {
            Tensor votes = vote(givers.get(0), source);
            for (Outputs giver : givers.subList(1, givers.size())) {
                votes = votes.add(vote(giver, source));
            }
            return Labeler.mostProbable(votes.div(new Scalar((double) givers.size())), source);
        });
    }

    private static Tensor vote(Outputs giver, LabelSource source) {
        Tensor logits = giver.logits();
        Tensor hard = Labeler.mostProbable(logits, source).hard();
        return torch.one_hot(hard, logits.size(1))
                .permute(new long[] {0, 3, 1, 2})
                .to(torch.ScalarType.Float); // [N, C, H, W]
    }
}
