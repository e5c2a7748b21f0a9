package io.maskstream.trainer.block.auxiliary;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.zoo.MapNetwork;
import io.maskstream.trainer.block.Feed;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A network that says pixel by pixel whether a prediction is right.
 *
 * <p>Kwon and Kwak, "Semi-supervised Semantic Segmentation with Error Localization Network", CVPR 2022. It reads the picture, the entropy of
 * the prediction and its class scores, 3 + 1 + C maps, and gives one score a pixel, above 0 where it thinks the prediction right.
 * Departure: the paper's is a ResNet-34; ours is small, as the networks that it judges.
 */
public final class ErrorLocalisation {
    /** As a speaker: the network's own head. */
    public static final String OWN = "";

    private static final double TINY = 1e-12;

    private ErrorLocalisation() {}

    /** Returns where the network comes from: fresh weights. */
    public static NetworkSource source(int width) {
        return NetworkSource.named(
                "a fresh error localisation network, width " + width,
                beginnings -> beginnings.of(MapNetwork.build(
                        "error-localisation",
                        3 + 1 + beginnings.classes(),
                        1,
                        width,
                        MapNetwork.Ending.OPEN,
                        beginnings.seed("error localisation"))));
    }

    /**
     * What it reads of one prediction.
     *
     * @param speaker the branch whose prediction it is, or {@link #OWN}
     */
    public record Reading(String speaker) implements Feed.Making {
        @Override
        public Tensor input(Tensor images, Outputs said) {
            Tensor logits = spoken(said, speaker).logits();
            Tensor probabilities = logits.softmax(1);
            Tensor entropy = probabilities
                    .mul(probabilities.clamp_min(new Scalar(TINY)).log())
                    .sum(new long[] {1}, true, null)
                    .neg(); // [N, 1, H, W]
            return torch.cat(new TensorVector(images, entropy, logits), 1);
        }
    }

    /**
     * Returns the look at one prediction of a member.
     *
     * @param training whether the member looks in training mode
     * @param speaker the branch whose prediction it is, or {@link #OWN}
     */
    public static Look reading(String giver, boolean training, String speaker) {
        return Look.at("reading " + giver + " " + speaker, new Feed(giver, training, new Reading(speaker)));
    }

    private static Outputs spoken(Outputs said, String speaker) {
        return speaker.equals(OWN) ? said : said.speaking(speaker);
    }

    /** Teaches where a speaker's prediction, which was read, is right. */
    public static LossTerm rightness(String speaker) {
        return LossTerm.named(
                "rightness of " + (speaker.equals(OWN) ? "the own head" : speaker),
                lesson -> rightness(
                        lesson.learner().logits().squeeze(1),
                        spoken(lesson.fed(), speaker).logits().argmax(new LongOptional(1), false),
                        lesson.target()));
    }

    /**
     * Binary cross-entropy in which all errors together weigh as much as all that is right; 1 each where there is no error. Departure from
     * the authors' code: a pixel without annotation counts for nothing and not as an error.
     *
     * @param scores {@code [N, H, W]}
     * @param said the predicted classes {@code [N, H, W]}
     */
    static Tensor rightness(Tensor scores, Tensor said, PseudoLabel target) {
        Tensor counted = target.hard().ne(new Scalar(Mask.IGNORE)).to(torch.ScalarType.Float); // [N, H, W]
        Tensor right = said.eq(target.hard()).to(torch.ScalarType.Float);
        Tensor wrong = counted.sub(right); // a pixel without annotation is not right, since no class is 255
        Scalar one = new Scalar(1.0);
        Tensor errors = wrong.sum();
        Tensor balance = torch.where(
                errors.gt(new Scalar(0.0)), right.sum().div(errors.clamp_min(one)), torch.ones_like(errors));
        Tensor losses = torch.softplus(scores).sub(scores.mul(right)).mul(right.add(wrong.mul(balance)));
        return losses.sum().div(counted.sum().clamp_min(one));
    }

    /**
     * Takes the first giver's most probable class where the second, this network, thinks it right: a score strictly above 0, which is a
     * probability above one half.
     */
    public static Labeler believed() {
        return Labeler.named("most probable class where it is thought right", (givers, source, progress) -> {
            PseudoLabel label = Labeler.mostProbable(givers.get(0).logits().softmax(1), source);
            Tensor right = givers.get(1).logits().squeeze(1).gt(new Scalar(0.0)); // [N, H, W]
            return label.weighted(right.to(torch.ScalarType.Float));
        });
    }
}
