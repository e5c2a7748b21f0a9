package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.feature.Checkerboard;
import io.maskstream.trainer.block.label.EntropyRank;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.BoxRule;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * One network with two inputs and two outputs supervises itself: its heads see two pictures woven together, and each learns what the
 * other says of its own picture.
 *
 * <p>Zhang et al., "Semi-supervised Semantic Segmentation with Uncertainty-guided Self Cross Supervision", ACCV 2022. Having to find
 * another picture each, the heads come to differ as two networks would, at the cost of one. Pixels of high entropy weigh less.
 *
 * <p>Departures: a picture is woven with the next of its batch, so a batch of N gives N pairs and is encoded once (the paper encodes the
 * same pictures twice, with a CutMix box each); entropy is ranked before boxes are mixed and not after; labels are given in evaluation
 * mode; the plain supervised loss on single pictures stays beside the woven one, and the loss on pseudo-labels comes in over the first
 * part of the training, since the second head starts fresh. Released is the moving average with the network's own head alone.
 *
 * <p>Streaming: labels are made anew in every step; those of the stream serve routing and are not learned from. The second head goes
 * on over rounds. The router needs nothing beyond the released model; agreement of the two heads, which the paper would allow as a
 * score, is not exported.
 */
public final class SelfCrossSupervision implements Method {
    private static final String SECOND = "second";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0.2);
    private static final Option CHANCE = new Option("weaving", 0.6, 0, 1, "chance that a step weaves two pictures");
    private static final Option SURE =
            new Option("certainty", 0.5, 1e-3, 1, "rank of certainty in its picture from which a pixel counts fully");
    private static final Option HIDDEN =
            new Option("hidden", 64, 0, 2048, "channels in the second head; our choice, 256 in the paper");

    @Override
    public String name() {
        return "uscs";
    }

    @Override
    public String citation() {
        return "Zhang et al.: Semi-supervised Semantic Segmentation with Uncertainty-guided Self Cross Supervision."
                + " ACCV 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, CHANCE, SURE, HIDDEN);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        String student = Supervision.STUDENT;
        Checkerboard board = new Checkerboard(settings.get(CHANCE), settings.seed());
        Look woven = Look.with("woven", board.weaving());
        EntropyRank ranked = new EntropyRank(settings.get(SURE));
        LossTerm annotated = Supervision.crossEntropy(settings);
        LossTerm weighted = LossTerm.crossEntropy(Reduction.WEIGHT_SUM);
        Schedule labelled = Schedule.constant(settings.get(UNLABELLED_WEIGHT));
        Schedule unlabelled = Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP));
        String own = Recipe.OWN;
        String pictures = Supervision.LABELLED_WEAK;
        NetworkSource twoHeads = NetworkSource.START.with(Branch.head(SECOND, Taps.DECODER, settings.count(HIDDEN)));
        return RoundPlan.single(Supervision.of(settings, twoHeads, "average")
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see(
                        "mixed",
                        "weak",
                        new CutMix(1, BoxRule.beta(2, 2), CutMix.Drawn.FOR_EACH_IMAGE, CutMix.Partner.ANOTHER))
                .label("of-first", student, "weak", ranked)
                .label(Labelling.of("of-second", List.of(student), "weak", Labeler.argmax(SECOND), ranked))
                .learn("labelled-first", student, pictures, woven, own, annotated, labelled)
                .learn(
                        "labelled-second",
                        student,
                        pictures,
                        woven,
                        own,
                        board.ofTheSecond(annotated.on(SECOND)),
                        labelled)
                .learn("first", student, "mixed", woven, "of-second", weighted, unlabelled)
                .learn(
                        "second",
                        student,
                        "mixed",
                        woven,
                        "of-first",
                        board.ofTheSecond(weighted.on(SECOND)),
                        unlabelled)
                .export("average"));
    }
}
