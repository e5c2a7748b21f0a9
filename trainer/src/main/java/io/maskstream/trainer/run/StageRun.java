package io.maskstream.trainer.run;

import io.maskstream.trainer.block.Bank;
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

/** One recipe at work: its networks, their optimisers, and the step. */
final class StageRun implements AutoCloseable {
    private static final String REMEDY =
            ". A lower learning-rate or a gradient-clip such as 1 may help, and precision=float32 if it was mixed";

    private static final String BANK = "bank/";

    private static final String LIVED = "lived";

    private final Recipe recipe;
    private final TrainingSettings settings;
    private final int steps;
    private final int firstStep;
    private final Map<String, BatchSource> streams;
    private final Schedule learningRate;
    private final Map<String, SegmentationNetwork> networks = new LinkedHashMap<>();
    private final Map<String, AdamW> optimisers = new LinkedHashMap<>();
    private final LossScale lossScale;
    private final LabelWatch watch;
    private long lived;

    /**
     * @param beginnings what the members' networks are made of
     * @param rate of learning, as a factor on that of the settings
     * @param steps of this stage
     * @param firstStep steps that earlier stages took
     * @param streams images by stream; where one is missing, the parts of the recipe that look at it are left out
     * @param watch is shown what is taught
     */
    StageRun(
            Recipe recipe,
            Beginnings beginnings,
            TrainingSettings settings,
            double rate,
            int steps,
            int firstStep,
            Map<String, BatchSource> streams,
            LabelWatch watch) {
        this.recipe = recipe;
        this.settings = settings;
        this.steps = steps;
        this.firstStep = firstStep;
        this.streams = Map.copyOf(streams);
        this.learningRate =
                Schedule.cosine(settings.learningRate() * rate, TrainingSettings.WARM_UP, TrainingSettings.FLOOR);
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
        return new Step(recipe, this::network, settings, progress, number, stream -> {
            BatchSource source = streams.get(stream);
            return source == null ? null : batches.computeIfAbsent(stream, unread -> source.batch(number));
        });
    }

    private boolean isActive(Objective objective, Progress progress) {
        return objective.weight().at(progress) > 0
                && streams.containsKey(recipe.lineage(objective.input()).get(0))
                && (streams.containsKey(Recipe.UNLABELLED) || !recipe.needsUnlabelled(objective.input()));
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
            if (watch != LabelWatch.NOBODY && recipe.isUnlabelled(objective.input()) && watch.looksAt(progress)) {
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
        saveMembers(checkpoint, lived);
        optimisers.forEach((name, optimiser) -> optimiser.save(name + "/adamw/", checkpoint));
        lossScale.save(checkpoint);
    }

    /** Takes all that the next step depends on from a checkpoint. */
    void load(Map<String, Tensor> checkpoint) {
        loadMembers(checkpoint);
        optimisers.forEach((name, optimiser) -> optimiser.load(name + "/adamw/", checkpoint));
        lossScale.load(checkpoint);
    }

    /** Adds what goes on in the next round: members, banks and age. Optimisers begin anew, as the learning rate does. */
    void remember(Map<String, Tensor> memory) {
        saveMembers(memory, lived + steps);
    }

    /**
     * Takes up what an earlier round remembered, all or nothing.
     *
     * @throws IllegalArgumentException if it does not fit, with what is missing or of another size
     */
    void takeUp(Map<String, Tensor> memory) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            saveMembers(own, lived);
            own.forEach((name, tensor) -> {
                Tensor other = memory.get(name);
                if (other == null || !Arrays.equals(other.shape(), tensor.shape())) {
                    throw new IllegalArgumentException("it has no " + name + " of " + Arrays.toString(tensor.shape()));
                }
            });
        }
        loadMembers(memory);
    }

    private void saveMembers(Map<String, Tensor> checkpoint, long age) {
        networks.forEach((name, network) -> Snapshots.save(name, network, checkpoint));
        recipe.banks()
                .forEach(bank -> checkpoint.put(
                        BANK + bank.name(),
                        torch.tensor(Arrays.stream(bank.state())
                                .mapToLong(Double::doubleToLongBits)
                                .toArray())));
        checkpoint.put(LIVED, torch.tensor(new long[] {age}));
    }

    private void loadMembers(Map<String, Tensor> checkpoint) {
        networks.forEach((name, network) -> Snapshots.load(name, network, checkpoint));
        for (Bank bank : recipe.banks()) {
            bank.restore(Arrays.stream(RoundSoFar.longs(checkpoint, BANK + bank.name()))
                    .mapToDouble(Double::longBitsToDouble)
                    .toArray());
        }
        lived = RoundSoFar.longs(checkpoint, LIVED)[0];
    }

    @Override
    public void close() {
        optimisers.values().forEach(AdamW::close);
        networks.values().forEach(SegmentationNetwork::close);
    }
}
