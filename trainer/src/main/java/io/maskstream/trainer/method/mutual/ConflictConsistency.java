package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.label.PeerLabels;
import io.maskstream.trainer.block.loss.Discrepancy;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * Two networks must agree on labels while they look at different features: a loss turns their features apart, and where a confident label
 * contradicts the learner it counts more.
 *
 * <p>Wang et al., "Conflict-Based Cross-View Consistency for Semi-Supervised Semantic Segmentation", CVPR 2023. The second network has a
 * mapping before its classifier, with channel dropout; the features compared are those that the classifiers read. With strong views, labels
 * are given in evaluation mode and learned on the weak view and on a strong one with CutMix, half each. Weights are relative to the
 * supervised loss of one network: those of VOC without strong views, where it counts 5, conflicts 2 (1.5 in the authors' script with
 * strong views), features 1. Released is the moving average of the first
 * network; the paper uses the mean of both.
 *
 * <p>Departures: confidence is a probability, where the authors' code compares a score; the mapping starts near the identity and has no
 * batch normalisation, so that the brought classifier still reads what it knows (see {@link Peers}); dropout acts in the
 * second network's own lessons, not where it labels or is compared with.
 *
 * <p>Streaming: both networks go on in the next round, the second with its mapping. Labels are made in every step, so stored
 * pseudo-labels serve routing alone. Confident conflicts are the pixels most worth asking a person about.
 */
public final class ConflictConsistency implements Method {
    private static final String PEER = "peer-2";
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(0.4);
    private static final Option RAMP = Option.ramp(0);
    private static final Option THRESHOLD = Option.threshold(0.9);
    private static final Option EMPHASIS = new Option(
            "conflict-emphasis", 2, 1, 100, "how much more a confident label counts that contradicts the learner");
    private static final Option DISCREPANCY = new Option(
            "discrepancy-weight", 0.5, 0, 100, "weight of the features' likeness, in units of the unlabelled weight");
    private static final Option STRONG =
            new Option("strong", 1, 0, 1, "1 learns from strong views too, 0 from the weak view alone");
    private static final Option DROPOUT = new Option(
            "channel-dropout", 0.5, 0, 0.95, "chance that the second network loses a channel of its features");

    @Override
    public String name() {
        return "ccvc";
    }

    @Override
    public String citation() {
        return "Wang et al.: Conflict-Based Cross-View Consistency for Semi-Supervised Semantic Segmentation. CVPR 2023";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                UNLABELLED_WEIGHT, RAMP, THRESHOLD, EMPHASIS, DISCREPANCY, STRONG, DROPOUT, Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        NetworkSource mapped = NetworkSource.START.with(Branch.mapping(Taps.DECODER, settings.get(Peers.NOVELTY)));
        RecipeBuilder recipe = Supervision.of(settings, "average");
        Peers.join(recipe, settings, PEER, mapped)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong", "weak", Views.strong().then(CutMix.USUAL));
        lessons(recipe, settings, Supervision.STUDENT, PEER, Look.PLAIN);
        Look dropping = Look.with("dropping", Perturbation.channelDropout(settings.get(DROPOUT), Taps.DECODER));
        lessons(recipe, settings, PEER, Supervision.STUDENT, dropping);
        if (settings.get(UNLABELLED_WEIGHT) > 0) {
            recipe.reveal(Taps.DECODER);
        }
        return RoundPlan.single(recipe.export("average"));
    }

    private static void lessons(
            RecipeBuilder recipe, MethodSettings settings, String learner, String other, Look look) {
        boolean strong = settings.count(STRONG) == 1;
        List<String> inputs = strong ? List.of("weak", "strong") : List.of("weak");
        double weight = settings.get(UNLABELLED_WEIGHT);
        Schedule apart = Schedule.sigmoidRamp(0.5 * weight * settings.get(DISCREPANCY), settings.get(RAMP));
        String said = other + "-says";
        Labelling labelling = Labelling.of(
                said,
                List.of(other, learner),
                "weak",
                PeerLabels.stressingConflicts(settings.get(THRESHOLD), settings.get(EMPHASIS)));
        recipe.label(strong ? labelling : labelling.inTraining());
        LossTerm conflicts = LossTerm.crossEntropy(Reduction.VALID).times(settings.get(EMPHASIS));
        LossTerm likeness = Discrepancy.cosine(other, Taps.DECODER);
        double share = 1.0 / inputs.size();
        for (String input : inputs) {
            recipe.learn(
                    learner + "-from-" + other + "-" + input,
                    learner,
                    input,
                    look,
                    said,
                    conflicts,
                    Schedule.sigmoidRamp(share * weight, settings.get(RAMP)));
            recipe.learn(learner + "-apart-" + input, learner, input, look, said, likeness.times(share), apart);
        }
        recipe.learn(
                learner + "-apart-labelled", learner, Peers.labelledView(learner), look, Recipe.OWN, likeness, apart);
    }
}
