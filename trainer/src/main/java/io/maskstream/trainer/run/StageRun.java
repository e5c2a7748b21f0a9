package io.maskstream.trainer.run;

import io.maskstream.trainer.block.NetworkSource.Beginnings;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import io.maskstream.trainer.block.Recipe.Transfer;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.Arrays;
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
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** One recipe at work: its networks, their optimisers, and the step. */
final class StageRun implements AutoCloseable {
    private static final String REMEDY =
            ". A lower learning-rate or a gradient-clip such as 1 may help, and precision=float32 if it was mixed";

    private static final String BANK = "bank/";

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
    private final LabelWatch watch;
    private long lived;

    /**
     * @param beginnings what the members' networks are made of
     * @param steps of this stage
     * @param firstStep steps that earlier stages took
     * @param unlabelled null where there is no such image: the parts of the recipe that look at them are left out
     * @param watch is shown what is taught
     */
    StageRun(
            Recipe recipe,
            Beginnings beginnings,
            TrainingSettings settings,
            int steps,
            int firstStep,
            BatchSource labelled,
            @Nullable BatchSource unlabelled,
            LabelWatch watch) {
        this.recipe = recipe;
        this.settings = settings;
        this.steps = steps;
        this.firstStep = firstStep;
        this.labelled = labelled;
        this.unlabelled = unlabelled;
        this.learningRate = Schedule.cosine(settings.learningRate(), TrainingSettings.WARM_UP, TrainingSettings.FLOOR);
        this.watch = watch;
        SegmentationNetwork start = beginnings.start();
        this.lossScale = new LossScale(start.precision().needsLossScale(start.device()));
        if (start.parameters().isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has no weight that could learn: all are frozen or of another type" + " than float32");
        }
        for (Recipe.Member member : recipe.members()) {
            SegmentationNetwork network = member.source().network(beginnings);
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
        Progress progress = new Progress(step, steps, settings.round(), lived);
        double loss = 0;
        try (PointerScope scope = new PointerScope()) {
            Step now = begin(progress);
            for (Phase phase : recipe.phases()) {
                loss += run(phase, now, progress);
            }
        }
        return loss;
    }

    private Step begin(Progress progress) {
        long number = firstStep + (long) progress.step();
        Map<String, BatchSource.Batch> batches = new HashMap<>();
        batches.put(Recipe.LABELLED, labelled.batch(number));
        boolean looked = recipe.phases().stream()
                .flatMap(phase -> phase.objectives().stream())
                .anyMatch(objective -> isActive(objective, progress) && recipe.isUnlabelled(objective.input()));
        if (unlabelled != null && looked) {
            batches.put(Recipe.UNLABELLED, unlabelled.batch(number));
        }
        return new Step(recipe, this::network, settings, progress, number, batches);
    }

    private boolean isActive(Objective objective, Progress progress) {
        return objective.weight().at(progress) > 0 && (unlabelled != null || !recipe.isUnlabelled(objective.input()));
    }

    private double run(Phase phase, Step now, Progress progress) {
        List<Objective> objectives = phase.objectives().stream()
                .filter(objective -> isActive(objective, progress))
                .toList();
        if (objectives.isEmpty() && !phase.objectives().isEmpty()) {
            return 0; // nothing was learned that could be moved
        }
        now.begin(objectives);
        double value = 0;
        if (!objectives.isEmpty()) {
            Tensor loss = loss(objectives, now, progress);
            value = loss.item_float();
            if (!Double.isFinite(value)) {
                throw new IllegalStateException(
                        "the loss became " + value + at(progress) + whereLossBroke(objectives, now));
            }
            loss.mul(new Scalar(lossScale.get())).backward();
            learn(objectives, progress);
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Transfer transfer : phase.transfers()) {
                transfer.how().transfer(network(transfer.from()), network(transfer.to()), progress);
            }
        }
        return value;
    }

    private Tensor loss(List<Objective> objectives, Step now, Progress progress) {
        Tensor sum = null;
        for (Objective objective : objectives) {
            Tensor term = now.loss(objective).mul(new Scalar(objective.weight().at(progress)));
            sum = sum == null ? term : sum.add(term);
            if (watch != LabelWatch.NOBODY && recipe.isUnlabelled(objective.input())) {
                try (NoGradGuard guard = new NoGradGuard()) {
                    now.truth(objective.input())
                            .ifPresent(truth -> watch.taught(objective.name(), now.target(objective), truth, progress));
                }
            }
        }
        return Objects.requireNonNull(sum);
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
    private static String whereLossBroke(List<Objective> objectives, Step now) {
        for (Objective objective : objectives) {
            Optional<String> node = now.firstNonFinite(objective);
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

    /** Adds all that the next step depends on to a checkpoint. */
    void save(Map<String, Tensor> checkpoint) {
        networks.forEach((name, network) -> {
            network.parameters().forEach((key, tensor) -> checkpoint.put(name + "/weight/" + key, tensor));
            network.buffers().forEach((key, tensor) -> checkpoint.put(name + "/buffer/" + key, tensor));
        });
        optimisers.forEach((name, optimiser) -> optimiser.save(name + "/adamw/", checkpoint));
        lossScale.save(checkpoint);
        recipe.banks()
                .forEach(bank -> checkpoint.put(
                        BANK + bank.name(),
                        torch.tensor(Arrays.stream(bank.state())
                                .mapToLong(Double::doubleToLongBits)
                                .toArray())));
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
        recipe.banks().forEach(bank -> bank.restore(numbers(checkpoint, BANK + bank.name())));
    }

    private static double[] numbers(Map<String, Tensor> checkpoint, String name) {
        Tensor stored = checkpoint.get(name);
        if (stored == null) {
            throw new IllegalArgumentException("the checkpoint has no " + name);
        }
        long[] bits = new long[Math.toIntExact(stored.numel())];
        stored.cpu().data_ptr_long().get(bits);
        return Arrays.stream(bits).mapToDouble(Double::longBitsToDouble).toArray();
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
