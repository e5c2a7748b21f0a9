package io.maskstream.trainer.run;

import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Input;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import io.maskstream.trainer.block.Recipe.Transfer;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One recipe at work: its networks, their optimisers, and the step. */
final class StageRun implements AutoCloseable {
    private static final String REMEDY =
            ". A lower learning-rate or a gradient-clip such as 1 may help, and precision=float32 if it was mixed";

    private final Recipe recipe;
    private final TrainingSettings settings;
    private final int steps;
    private final int firstStep;
    private final BatchSource labelled;
    private final @Nullable BatchSource unlabelled;
    private final Schedule learningRate;
    private final Map<String, SegmentationNetwork> networks = new LinkedHashMap<>();
    private final Map<String, AdamW> optimisers = new LinkedHashMap<>();
    private final LossScale lossScale;

    /**
     * @param start copied for every member; stays the caller's
     * @param steps of this stage
     * @param firstStep steps that earlier stages took
     * @param unlabelled null where there is no such image: the parts of the recipe that look at them are left out
     */
    StageRun(
            Recipe recipe,
            SegmentationNetwork start,
            TrainingSettings settings,
            int steps,
            int firstStep,
            BatchSource labelled,
            @Nullable BatchSource unlabelled) {
        this.recipe = recipe;
        this.settings = settings;
        this.steps = steps;
        this.firstStep = firstStep;
        this.labelled = labelled;
        this.unlabelled = unlabelled;
        this.learningRate = Schedule.cosine(settings.learningRate(), TrainingSettings.WARM_UP, TrainingSettings.FLOOR);
        this.lossScale = new LossScale(start.precision().needsLossScale(start.device()));
        if (start.parameters().isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no weight that could learn: all are frozen or of another type" + " than float32");
        }
        for (Recipe.Member member : recipe.members()) {
            SegmentationNetwork network = start.copy();
            networks.put(member.name(), network);
            if (member.trained()) {
                optimisers.put(
                        member.name(),
                        new AdamW(
                                network.parameters(),
                                TrainingSettings.WEIGHT_DECAY,
                                network.head(),
                                settings.headLearningRate()));
            }
        }
    }

    /** Sets in which numbers all members compute. */
    void compute(Precision precision) {
        networks.values().forEach(network -> network.compute(precision));
    }

    /** Returns a member's network. */
    SegmentationNetwork network(String name) {
        SegmentationNetwork network = networks.get(name);
        if (network == null) {
            throw new IllegalArgumentException("there is no member " + name + "; there are " + networks.keySet());
        }
        return network;
    }

    /** Returns the network that the recipe releases. */
    SegmentationNetwork exported() {
        return network(recipe.exported());
    }

    /**
     * Takes one step.
     *
     * @param step of this stage, from 0
     * @return the loss, all terms with their weights
     * @throws IllegalStateException if the loss or a gradient is no finite number, naming the step and the node
     */
    double step(int step) {
        Progress progress = new Progress(step, steps, settings.round());
        double loss = 0;
        try (PointerScope scope = new PointerScope()) {
            Seen seen = look(progress);
            for (Phase phase : recipe.phases()) {
                loss += run(phase, seen, progress);
            }
        }
        return loss;
    }

    /** What a step looks at: per input its pictures and plan, per stream its own labels. */
    private record Seen(Map<String, Tensor> pixels, Map<String, View.Plan> plans, Map<String, PseudoLabel> own) {}

    private Seen look(Progress progress) {
        Seen seen = new Seen(new HashMap<>(), new HashMap<>(), new HashMap<>());
        long number = firstStep + (long) progress.step();
        take(labelled, Recipe.LABELLED, number, seen);
        if (unlabelled != null && active(progress).stream().anyMatch(o -> recipe.isUnlabelled(o.input()))) {
            take(unlabelled, Recipe.UNLABELLED, number, seen);
        }
        for (int i = 0; i < recipe.inputs().size(); i++) {
            Input input = recipe.inputs().get(i);
            Tensor parent = seen.pixels().get(input.parent());
            if (parent == null) {
                continue;
            }
            View.Plan plan = input.view()
                    .plan(
                            (int) parent.size(0),
                            (int) parent.size(2),
                            (int) parent.size(3),
                            Draws.generator(settings.seed(), number, i));
            seen.plans().put(input.name(), plan);
            seen.pixels().put(input.name(), plan.images(parent));
        }
        Torch.seed(Draws.mix(settings.seed(), number));
        return seen;
    }

    private static void take(BatchSource source, String stream, long number, Seen seen) {
        BatchSource.Batch batch = source.batch(number);
        seen.pixels().put(stream, batch.pixels());
        seen.own().put(stream, batch.own());
    }

    /** Returns the objectives that count now. */
    private List<Objective> active(Progress progress) {
        return recipe.phases().stream()
                .flatMap(phase -> phase.objectives().stream())
                .filter(objective -> isActive(objective, progress))
                .toList();
    }

    private boolean isActive(Objective objective, Progress progress) {
        return objective.weight().at(progress) > 0 && (unlabelled != null || !recipe.isUnlabelled(objective.input()));
    }

    private double run(Phase phase, Seen seen, Progress progress) {
        List<Objective> objectives = phase.objectives().stream()
                .filter(objective -> isActive(objective, progress))
                .toList();
        Map<String, PseudoLabel> labels = label(phase, objectives, seen, progress);
        double value = 0;
        if (!objectives.isEmpty()) {
            Tensor loss = loss(objectives, labels, phase, seen, progress);
            value = loss.item_float();
            if (!Double.isFinite(value)) {
                throw new IllegalStateException(
                        "the loss became " + value + at(progress) + whereLossBroke(objectives, seen, progress));
            }
            loss.mul(new Scalar(lossScale.get())).backward();
            learn(objectives, progress);
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Transfer transfer : phase.transfers()) {
                transfer.how().transfer(network(transfer.from()), network(transfer.to()), progress.step() + 1L);
            }
        }
        return value;
    }

    /** Takes an optimiser step for every network that had a part in the objectives. */
    private void learn(List<Objective> objectives, Progress progress) {
        Map<String, Double> factors = new LinkedHashMap<>();
        boolean finite = true;
        for (String name : optimisers.keySet()) {
            if (objectives.stream().anyMatch(o -> o.learner().equals(name))) {
                double norm = Gradients.norm(network(name).parameters()) / lossScale.get();
                finite &= Double.isFinite(norm);
                boolean clipped = settings.gradientClip() > 0 && norm > settings.gradientClip();
                factors.put(name, (clipped ? settings.gradientClip() / norm : 1) / lossScale.get());
            }
        }
        if (!lossScale.stepped(finite) && !finite) {
            throw new IllegalStateException(
                    "a gradient is no finite number" + at(progress) + whereGradientBroke(factors.keySet()));
        }
        for (Map.Entry<String, Double> learner : factors.entrySet()) {
            if (finite) {
                if (learner.getValue() != 1) {
                    Gradients.scale(network(learner.getKey()).parameters(), learner.getValue());
                }
                Objects.requireNonNull(optimisers.get(learner.getKey())).step(learningRate.at(progress));
            }
        }
        optimisers.keySet().forEach(name -> network(name).clearGradients());
    }

    private String at(Progress progress) {
        return " at step " + (firstStep + progress.step() + 1) + " with learning rate " + learningRate.at(progress);
    }

    /** Looks for the first node that breaks, in the state in which the loss did. */
    private String whereLossBroke(List<Objective> objectives, Seen seen, Progress progress) {
        for (Objective objective : objectives) {
            SegmentationNetwork network = network(objective.learner());
            Torch.seed(Draws.mix(settings.seed(), firstStep + (long) progress.step()));
            mode(network, true);
            Optional<String> node = network.firstNonFinite(normalised(objective.input(), seen), Taps.NONE);
            if (node.isPresent()) {
                return "; the first to break is " + node.get() + ", in the network " + objective.learner() + " on "
                        + objective.input() + REMEDY;
            }
        }
        return "; every node of the networks gives finite numbers, so it is a loss term among "
                + objectives.stream().map(Objective::name).toList() + REMEDY;
    }

    private String whereGradientBroke(Set<String> learners) {
        for (String learner : learners) {
            SegmentationNetwork network = network(learner);
            Optional<Map.Entry<String, String>> broken = Gradients.firstNonFinite(network.parameters());
            if (broken.isPresent()) {
                String parameter = broken.get().getKey();
                return "; the first is that of '" + parameter + "', which node " + network.readerOf(parameter)
                        + " reads, in the network " + learner + ": it holds "
                        + broken.get().getValue() + REMEDY;
            }
        }
        return "; each is, but not their norm: they are too large" + REMEDY;
    }

    private Map<String, PseudoLabel> label(Phase phase, List<Objective> objectives, Seen seen, Progress progress) {
        Map<String, PseudoLabel> labels = new HashMap<>();
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Labelling labelling : phase.labellings()) {
                if (objectives.stream().noneMatch(o -> o.target().equals(labelling.name()))) {
                    continue;
                }
                List<Outputs> outputs = new ArrayList<>();
                for (String giver : labelling.givers()) {
                    SegmentationNetwork network = network(giver);
                    mode(network, labelling.training());
                    outputs.add(network.forward(normalised(labelling.input(), seen)));
                }
                LabelSource source = new LabelSource(
                        String.join("+", labelling.givers()), "step " + progress.step(), settings.round());
                PseudoLabel label = labelling.labeler().label(outputs, source);
                label = paddingHidden(label, labelling.input(), seen);
                for (Refinement refinement : labelling.refinements()) {
                    label = refinement.refine(label, progress);
                }
                labels.put(labelling.name(), label);
            }
        }
        return labels;
    }

    /** A giver labels padding as well; nobody may learn it. */
    private PseudoLabel paddingHidden(PseudoLabel label, String input, Seen seen) {
        PseudoLabel everywhere = PseudoLabel.of(label.hard(), label.confidence(), null, label.source());
        PseudoLabel shown = everywhere;
        for (String name : recipe.lineage(input)) {
            View.Plan plan = seen.plans().get(name);
            if (plan != null) {
                shown = plan.labels(shown);
            }
        }
        return label.hiding(shown.valid().logical_not());
    }

    private Tensor loss(
            List<Objective> objectives, Map<String, PseudoLabel> labels, Phase phase, Seen seen, Progress progress) {
        Map<String, Outputs> passes = new HashMap<>();
        Tensor sum = null;
        for (Objective objective : objectives) {
            Outputs outputs = passes.computeIfAbsent(objective.learner() + "/" + objective.input(), unused -> {
                SegmentationNetwork network = network(objective.learner());
                mode(network, true);
                return network.forward(normalised(objective.input(), seen));
            });
            PseudoLabel target = target(objective, labels, phase, seen);
            Tensor term = objective
                    .term()
                    .loss(outputs, target)
                    .mul(new Scalar(objective.weight().at(progress)));
            sum = sum == null ? term : sum.add(term);
        }
        if (sum == null) {
            throw new IllegalStateException("a phase without objectives has no loss");
        }
        return sum;
    }

    /** Carries a label from where it was made to what the learner sees, through the plans between. */
    private PseudoLabel target(Objective objective, Map<String, PseudoLabel> labels, Phase phase, Seen seen) {
        List<String> lineage = recipe.lineage(objective.input());
        PseudoLabel label;
        String madeOn;
        if (objective.target().equals(Recipe.OWN)) {
            madeOn = lineage.get(0);
            label = seen.own().get(madeOn);
        } else {
            madeOn = phase.labellings().stream()
                    .filter(labelling -> labelling.name().equals(objective.target()))
                    .findFirst()
                    .orElseThrow()
                    .input();
            label = labels.get(objective.target());
        }
        int from = lineage.indexOf(madeOn);
        if (label == null || from < 0) {
            throw new IllegalStateException("the target " + objective.target() + " of " + objective.name()
                    + " was made on " + madeOn + ", which " + objective.input() + " does not descend from");
        }
        for (String name : lineage.subList(from + 1, lineage.size())) {
            View.Plan plan = seen.plans().get(name);
            if (plan != null) {
                label = plan.labels(label);
            }
        }
        return label;
    }

    private Tensor normalised(String input, Seen seen) {
        Tensor pixels = seen.pixels().get(input);
        if (pixels == null) {
            throw new IllegalStateException("nothing is seen as " + input);
        }
        return ImageTensors.normalise(pixels, settings.input());
    }

    private static void mode(SegmentationNetwork network, boolean training) {
        if (training && !network.isTraining()) {
            network.train();
        } else if (!training && network.isTraining()) {
            network.eval();
        }
    }

    /** Adds all that the next step depends on to a checkpoint. */
    void save(Map<String, Tensor> checkpoint) {
        networks.forEach((name, network) -> {
            network.parameters().forEach((key, tensor) -> checkpoint.put(name + "/weight/" + key, tensor));
            network.buffers().forEach((key, tensor) -> checkpoint.put(name + "/buffer/" + key, tensor));
        });
        optimisers.forEach((name, optimiser) -> optimiser.save(name + "/adamw/", checkpoint));
        lossScale.save(checkpoint);
    }

    /** Takes all that the next step depends on from a checkpoint. */
    void load(Map<String, Tensor> checkpoint) {
        try (NoGradGuard guard = new NoGradGuard()) {
            networks.forEach((name, network) -> {
                network.parameters().forEach((key, tensor) -> fill(tensor, checkpoint, name + "/weight/" + key));
                network.buffers().forEach((key, tensor) -> fill(tensor, checkpoint, name + "/buffer/" + key));
            });
        }
        optimisers.forEach((name, optimiser) -> optimiser.load(name + "/adamw/", checkpoint));
        lossScale.load(checkpoint);
    }

    private static void fill(Tensor tensor, Map<String, Tensor> checkpoint, String name) {
        Tensor stored = checkpoint.get(name);
        if (stored == null) {
            throw new IllegalArgumentException("the checkpoint has no " + name);
        }
        var unused = tensor.copy_(stored);
    }

    @Override
    public void close() {
        optimisers.values().forEach(AdamW::close);
        networks.values().forEach(SegmentationNetwork::close);
    }
}
