package io.maskstream.trainer.method.refinement;

import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.label.ClassThresholds;
import io.maskstream.trainer.block.loss.AnchorContrast;
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
 * A student follows its moving average where that is confident for the class, and pixels of a class are drawn together across annotated
 * and other images.
 *
 * <p>Zhou et al., "C3-SemiSeg: Contrastive Semi-supervised Segmentation via Cross-set Learning and Dynamic Class-balancing", ICCV 2021.
 * {@link ClassThresholds} keeps a share of every class, so that hard ones are learned too; {@link AnchorContrast} compares embeddings {@code
 * [N, D, h, w]} of the deepest features.
 *
 * <p>Departures: annotated images are not mixed into the others, whose mixed outputs are compared with mixed labels instead of being
 * taken apart again, which is the same for a loss per pixel; the authors divide the consistency by the number of classes and weigh it 50,
 * here it is not divided and weighs 2.6, which is the same at Cityscapes' 19; the teacher averages from the first step on; the
 * embeddings have fewer values, and the contrast begins with the consistency, at once in full; the ramp is a
 * little longer than the paper's 0.16 of all steps. The student and the average that labels carry the embedding;
 * what is released is the same average without it.
 *
 * <p>Streaming: labels are made anew in every step, so the stored ones are not used. The thresholds of the classes last over rounds and
 * follow the stream by a tenth a step; a router may mask the released model's labels by them and rank images by the share that is kept.
 */
public final class CrossSetContrast implements Method {
    private static final String LABELLER = "labeller";
    private static final String EMBEDDING = "embedding";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(2.6);
    private static final Option RAMP = Option.ramp(0.18);
    private static final Option WARM_UP =
            new Option("warm-up", 0.1, 0, 1, "share of the training before the unlabelled losses begin");
    private static final Option KEPT =
            new Option("kept", 0.8, 0, 1, "share of the pixels of every class that counts, the most confident");
    private static final Option GAMMA =
            new Option("gamma", 0, 0, 10, "how much less is kept of a class whose threshold is low");
    private static final Option CONTRAST =
            new Option("contrast", 0.04, 0, 100, "weight of the contrast, a multiple of the unlabelled weight");
    private static final Option TEMPERATURE = new Option("temperature", 0.15, 0.01, 10, "of the contrast");
    private static final Option VIEWS = new Option(
            "views", 10, 1, 1000, "pixels of a class and image in the contrast; our choice, 20 in larger features");
    private static final Option WIDTH =
            new Option("embedding", 64, 1, 2048, "values of an embedding; our choice, the paper has 256");

    @Override
    public String name() {
        return "c3-semiseg";
    }

    @Override
    public String citation() {
        return "Zhou et al.: C3-SemiSeg: Contrastive Semi-supervised Segmentation via Cross-set Learning and Dynamic"
                + " Class-balancing. ICCV 2021";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, WARM_UP, KEPT, GAMMA, CONTRAST, TEMPERATURE, VIEWS, WIDTH);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        NetworkSource embedding = NetworkSource.START.with(
                Branch.embedding(EMBEDDING, Taps.ENCODER, settings.count(WIDTH), settings.count(WIDTH)));
        int classes = settings.classes().values().size();
        ClassThresholds thresholds =
                new ClassThresholds("class-thresholds", classes, settings.get(KEPT), settings.get(GAMMA));
        CutMix half = new CutMix(1, BoxRule.half(), CutMix.Drawn.FOR_THE_BATCH, CutMix.Partner.ANOTHER);
        double weight = settings.get(UNLABELLED_WEIGHT);
        double warmUp = settings.get(WARM_UP);
        LossTerm contrast = new AnchorContrast(
                EMBEDDING, Supervision.LABELLED_WEAK, settings.get(TEMPERATURE), settings.count(VIEWS));
        return RoundPlan.single(Supervision.of(settings, embedding, "teacher")
                .follower(LABELLER, embedding)
                .keep(thresholds)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("mixed", "weak", Views.strong().then(half))
                .label("confident", LABELLER, "weak", thresholds)
                .learn(
                        "consistency",
                        Supervision.STUDENT,
                        "mixed",
                        "confident",
                        LossTerm.softCrossEntropy(Reduction.SELECTED),
                        Schedule.sigmoidRamp(weight, settings.get(RAMP)).after(warmUp))
                .learn(
                        "contrast",
                        Supervision.STUDENT,
                        "mixed",
                        "confident",
                        contrast,
                        Schedule.constant(weight * settings.get(CONTRAST)).after(warmUp))
                .move(Supervision.STUDENT, LABELLER, Supervision.averaging(settings))
                .export("teacher"));
    }
}
