package io.maskstream.trainer.method.optimisation;

import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.label.ClassDispute;
import io.maskstream.trainer.block.label.PeerLabels;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.ThreeBoxes;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Of two networks one learns only where both agree; the other learns everywhere, and where they contradict each other takes the class that
 * the two dispute more.
 *
 * <p>Fan et al., "Conservative-Progressive Collaborative Learning for Semi-Supervised Semantic Segmentation", TIP 2023. Pixels count by the
 * mean confidence of both, or by that of the one who was believed. Both losses are divided by all pixels, so a contradiction makes the first
 * smaller. Released is the moving average of the first, conservative network; the paper releases the network itself.
 *
 * <p>Departures: padding is neither learned, nor counted in dispute or divisor; dispute is counted before pictures are mixed, and the
 * mixing partner is of the same batch, see {@link ThreeBoxes}; the networks start from one brought network, see {@link Peers}.
 *
 * <p>Streaming: both networks go on in the next round, and the dispute of the classes, which names those about which people should be
 * asked. Labels are made in every step, so stored pseudo-labels serve routing alone. Pixels of agreement are safe to learn from, those of
 * contradiction worth a question.
 */
public final class ConservativeProgressive implements Method {
    private static final String PROGRESSIVE = "peer-2";
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0);
    private static final Option MEMORY = new Option(
            "dispute-memory", 0, 0, 0.9999, "share kept of the dispute counted before, a step; 0 in the paper");

    @Override
    public String name() {
        return "cpcl";
    }

    @Override
    public String citation() {
        return "Fan, Zhu, Feng, Lv, Song, Wang: Conservative-Progressive Collaborative Learning for Semi-Supervised Semantic"
                + " Segmentation. IEEE TIP 32, 2023";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, MEMORY, Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        ClassDispute dispute =
                new ClassDispute("class-dispute", settings.classes().values().size(), settings.get(MEMORY));
        LossTerm byConfidence = LossTerm.crossEntropy(Reduction.VALID);
        Schedule weight = Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP));
        return RoundPlan.single(Peers.of(settings, 2)
                .keep(dispute)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("mixed", "weak", new ThreeBoxes())
                .label(both("agreed", PeerLabels.intersection()))
                .label(both("either", PeerLabels.union(dispute)))
                .learn("conservative", Supervision.STUDENT, "mixed", "agreed", byConfidence, weight)
                .learn("progressive", PROGRESSIVE, "mixed", "either", byConfidence, weight)
                .export("average"));
    }

    private static Labelling both(String name, Labeler labeler) {
        return Labelling.of(name, Peers.names(2), "weak", labeler).inTraining();
    }
}
