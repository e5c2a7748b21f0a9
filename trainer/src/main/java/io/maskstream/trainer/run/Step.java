package io.maskstream.trainer.run;

import io.maskstream.trainer.block.Feed;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Giver;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One step of a recipe: what is seen, labelled and said, each made when it is first asked for, and once. All of it belongs to the
 * pointer scope of the step.
 *
 * <p>What is drawn is a function of the seed, the step and the name of what it is drawn for, so the order of asking changes nothing.
 */
final class Step {
    private final Recipe recipe;
    private final Function<String, SegmentationNetwork> networks;
    private final TrainingSettings settings;
    private final Progress progress;
    private final long number;
    private final Sights sights;
    private final Map<String, Made> labels = new HashMap<>();
    private final Map<String, Outputs> passes = new HashMap<>();
    private Set<String> learning = Set.of();

    /**
     * @param number of the step in the whole training
     * @param batches read when they are first asked for
     */
    Step(
            Recipe recipe,
            Function<String, SegmentationNetwork> networks,
            TrainingSettings settings,
            Progress progress,
            long number,
            Sights.Batches batches) {
        this.recipe = recipe;
        this.networks = networks;
        this.settings = settings;
        this.progress = progress;
        this.number = number;
        this.sights = new Sights(recipe, settings, number, batches, this::carried);
    }

    /**
     * A label and how it came about.
     *
     * @param label on the pictures of the input
     * @param input where it was made
     * @param givers what each said
     */
    private record Made(PseudoLabel label, String input, List<Outputs> givers) {}

    /** Forgets what the learners said, whose gradients are used up, before a phase begins. */
    void begin(List<Objective> objectives) {
        passes.clear();
        learning = new HashSet<>();
        objectives.forEach(objective -> learning.add(key(objective.learner(), objective.input(), objective.look())));
    }

    /** Returns the objective's loss, without its weight. */
    Tensor loss(Objective objective) {
        return objective.term().loss(new StepLesson(objective));
    }

    /** Returns what an objective teaches, on the pictures that its learner sees. */
    PseudoLabel target(Objective objective) {
        return carried(objective.target(), objective.input());
    }

    /** Returns people's masks of an input's pictures, where they are known but not learned from. */
    Optional<PseudoLabel> truth(String input) {
        return sights.truth(input);
    }

    /** Looks for the first node that breaks in the pass of an objective. */
    Optional<String> firstNonFinite(Objective objective) {
        SegmentationNetwork network = network(objective.learner(), true);
        Torch.seed(seed(key(objective.learner(), objective.input(), objective.look())));
        return network.firstNonFinite(
                given(objective.input(), objective.look()),
                taps(objective.learner(), objective.input(), objective.look()));
    }

    private SegmentationNetwork network(String member, boolean training) {
        SegmentationNetwork network = networks.apply(member);
        if (training && !network.isTraining()) {
            network.train();
        } else if (!training && network.isTraining()) {
            network.eval();
        }
        return network;
    }

    /** Returns what a network is given: the picture, or what its feed makes of it. */
    private Tensor given(String input, Look look) {
        Feed feed = look.feed();
        return feed == null ? sights.images(input) : feed.making().input(sights.images(input), said(feed, input));
    }

    private Outputs said(Feed feed, String input) {
        return feed.training() ? beside(feed.giver(), input) : quiet(feed.giver(), input, Look.PLAIN, false);
    }

    private Taps taps(String member, String input, Look look) {
        if (look.feed() != null) {
            return Taps.NONE;
        }
        Taps changed = recipe.wiring(member)
                .and(look.perturbation())
                .taps(new Perturbed(sights.images(input), networks.apply(member)));
        Set<String> values = new HashSet<>(changed.values());
        values.addAll(recipe.features());
        return new Taps(values, changed.changes(), changed.held());
    }

    private Outputs forward(String member, String input, Look look, boolean training) {
        Tensor given = given(input, look);
        Taps taps = taps(member, input, look);
        SegmentationNetwork network = network(member, training);
        Torch.seed(seed(key(member, input, look)));
        return network.forward(given, taps);
    }

    /** Returns a learner's pass, with gradient. */
    private Outputs pass(String member, String input, Look look) {
        String key = key(member, input, look);
        Outputs known = passes.get(key);
        if (known == null) {
            known = forward(member, input, look, true);
            passes.put(key, known);
        }
        return known;
    }

    /** Returns what a member says of an input in training mode, without gradient; its own lesson's pass if it has one. */
    private Outputs beside(String member, String input) {
        return learning.contains(key(member, input, Look.PLAIN))
                ? pass(member, input, Look.PLAIN).detached()
                : quiet(member, input, Look.PLAIN, true);
    }

    private Outputs quiet(String member, String input, Look look, boolean training) {
        String key = key(member, input, look) + (training ? " quietly" : " in use");
        Outputs known = passes.get(key);
        if (known == null) {
            try (NoGradGuard guard = new NoGradGuard()) {
                known = forward(member, input, look, training);
            }
            passes.put(key, known);
        }
        return known;
    }

    private Made made(String name) {
        Made known = labels.get(name);
        if (known == null) {
            Labelling labelling = recipe.phases().stream()
                    .flatMap(phase -> phase.labellings().stream())
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            try (NoGradGuard guard = new NoGradGuard()) {
                known = make(labelling);
            }
            labels.put(name, known);
        }
        return known;
    }

    private Made make(Labelling labelling) {
        List<Outputs> outputs = new ArrayList<>();
        for (Giver giver : labelling.givers()) {
            outputs.add(said(giver, labelling));
        }
        String givers =
                String.join("+", labelling.givers().stream().map(Giver::member).toList());
        LabelSource source = new LabelSource(givers, "step " + progress.step(), settings.round());
        Tensor shown = sights.shown(labelling.input());
        PseudoLabel label = labelling
                .labeler()
                .labelShown(outputs, shown, source, progress)
                .hiding(shown.logical_not()); // a giver labels padding as well; nobody may learn it
        Torch.seed(seed("refine " + labelling.name()));
        for (Refinement refinement : labelling.refinements()) {
            label = refinement.refine(label, progress);
        }
        return new Made(label, labelling.input(), outputs);
    }

    /** Returns what a giver says; one that learns from the same look in this phase says it there, so its pass serves both. */
    private Outputs said(Giver giver, Labelling labelling) {
        if (!labelling.training() || !learning.contains(key(giver.member(), labelling.input(), giver.look()))) {
            return quiet(giver.member(), labelling.input(), giver.look(), labelling.training());
        }
        try (AutoGradMode learns = new AutoGradMode(true)) {
            return pass(giver.member(), labelling.input(), giver.look()).detached();
        }
    }

    /** Carries a label from where it was made to what is seen as an input, through the plans between. */
    private PseudoLabel carried(String target, String input) {
        List<String> lineage = recipe.lineage(input);
        PseudoLabel label;
        String madeOn;
        if (target.equals(Recipe.OWN)) {
            madeOn = lineage.get(0);
            label = sights.own(madeOn);
        } else {
            Made made = made(target);
            madeOn = made.input();
            label = made.label();
        }
        int from = lineage.indexOf(madeOn);
        if (label == null || from < 0) {
            throw new IllegalStateException(
                    "the label " + target + " was made on " + madeOn + ", which " + input + " does not descend from");
        }
        return sights.through(label, lineage, from);
    }

    private long seed(String purpose) {
        return Draws.mix(Draws.mix(settings.seed(), number), purpose);
    }

    private static String key(String member, String input, Look look) {
        return member + "/" + input + "/" + look.name();
    }

    /** A pass as its perturbation knows it. */
    private final class Perturbed implements Perturbation.Pass {
        private final Tensor images;
        private final SegmentationNetwork learner;

        Perturbed(Tensor images, SegmentationNetwork learner) {
            this.images = images;
            this.learner = learner;
        }

        @Override
        public Tensor images() {
            return images;
        }

        @Override
        public SegmentationNetwork learner() {
            return learner;
        }

        @Override
        public SegmentationNetwork member(String name) {
            return network(name, false);
        }

        @Override
        public Progress progress() {
            return progress;
        }
    }

    /** The lesson of one objective. */
    private final class StepLesson implements Lesson {
        private final Objective objective;
        private @Nullable PseudoLabel target;

        StepLesson(Objective objective) {
            this.objective = objective;
        }

        @Override
        public Outputs learner() {
            return pass(objective.learner(), objective.input(), objective.look());
        }

        @Override
        public PseudoLabel target() {
            PseudoLabel known = target;
            if (known == null) {
                try (NoGradGuard guard = new NoGradGuard()) {
                    known = Step.this.target(objective);
                }
                target = known;
            }
            return known;
        }

        @Override
        public Progress progress() {
            return progress;
        }

        @Override
        public Tensor images() {
            return sights.images(objective.input());
        }

        @Override
        public Outputs beside(String member) {
            return Step.this.beside(member, objective.input());
        }

        @Override
        public Outputs fed() {
            Feed feed = objective.look().feed();
            if (feed == null) {
                throw new IllegalStateException(
                        "in " + objective.name() + " the learner looks at the picture itself and is fed by nobody");
            }
            return said(feed, objective.input());
        }

        @Override
        public Outputs giver(int index) {
            if (objective.target().equals(Recipe.OWN)) {
                throw new IllegalStateException("the target of " + objective.name() + " has no giver");
            }
            return made(objective.target()).givers().get(index);
        }

        @Override
        public Lesson also(String input, String target) {
            return new StepLesson(new Objective(
                    objective.name(),
                    objective.learner(),
                    input,
                    objective.look(),
                    target,
                    objective.term(),
                    objective.weight()));
        }

        @Override
        public Tensor carried(Tensor map) {
            var unused = target(); // draws the plans
            String madeOn = objective.target().equals(Recipe.OWN)
                    ? recipe.lineage(objective.input()).get(0)
                    : made(objective.target()).input();
            return sights.moved(map, madeOn, objective.input());
        }
    }
}
