package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.data.ExampleCache;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationResult;
import io.maskstream.trainer.evaluation.Gate;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.release.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one planned round, from its start or its last checkpoint to its release. */
final class RoundRunner {
    private static final Logger LOG = LoggerFactory.getLogger(RoundRunner.class);
    private static final int MAX_RESULTS = 8;

    private final TrainLoopConfig config;
    private final int classes;
    private final ModelRegistry registry;
    private final ContentStore store;
    private final ExampleCache cache;
    private final Device device;
    private final Path folder;
    private final Clock clock;
    private final RoundMetrics metrics;
    private final RoundVariants variants;
    private final RoundMemories memories;
    private final Map<String, EvaluationResult> results = new HashMap<>();

    RoundRunner(
            TrainLoopConfig config,
            int classes,
            ModelRegistry registry,
            ContentStore store,
            ExampleCache cache,
            Device device,
            Path folder,
            Clock clock,
            RoundMetrics metrics) {
        this.config = config;
        this.classes = classes;
        this.registry = registry;
        this.store = store;
        this.cache = cache;
        this.device = device;
        this.folder = folder;
        this.clock = clock;
        this.metrics = metrics;
        this.variants = new RoundVariants(config, store, device);
        this.memories = new RoundMemories(folder.resolve("memories"), config);
    }

    /** Where the plan of the round under way is kept. */
    Path stateFile() {
        return folder.resolve("round.json");
    }

    private Path checkpointFile() {
        return folder.resolve("round.checkpoint");
    }

    /** Forgets the round under way. */
    void discard() throws IOException {
        Files.deleteIfExists(stateFile());
        discardCheckpoint();
    }

    /** Forgets how far the round under way came, but not the round. */
    void discardCheckpoint() throws IOException {
        Files.deleteIfExists(checkpointFile());
    }

    /**
     * Runs a round and releases its candidate, or nothing if it was stopped.
     *
     * @param selection the samples of the plan
     * @param stopped asked between steps
     * @throws IOException if an artefact or a sample cannot be read or written
     * @throws IllegalStateException if the samples are not those of the plan, or the loss became no number
     */
    Optional<ModelRelease> run(RoundState state, SamplePool.Selection selection, BooleanSupplier stopped)
            throws IOException {
        if (!selection.dataHash().equals(state.dataHash())) {
            throw new IllegalStateException("the samples of round " + state.round() + " are not those it was planned"
                    + " with: expected " + state.dataHash() + ", found " + selection.dataHash());
        }
        Optional<ModelRelease> before = registry.find(config.line(), state.version());
        if (before.isPresent()) {
            LOG.info("round {} was released as {} before", state.round(), state.version());
            memories.settle(before.get());
            discard();
            return before;
        }
        state.write(stateFile());
        long start = System.nanoTime();
        Examples evaluation = cache.examples(keys(selection.evaluation()));
        List<Examples> learned =
                List.of(cache.examples(keys(selection.labelled())), cache.examples(keys(selection.unlabelled())));
        ModelRelease parent = measured(registry.show(config.line(), state.parent()), evaluation, selection);
        Path candidate = folder.resolve("candidate.onnx");
        ModelMetadata metadata;
        try (SegmentationNetwork network = GraphNetwork.of(trainable(parent), device)) {
            network.compute(
                    PrecisionChoice.of(config.precision(), network, config.batch(), config.height(), config.width()));
            ModelMetadata parentMetadata = ModelMetadata.read(network.toModel());
            TrainingSettings settings = new TrainingSettings(
                    config.iterationsPerRound(),
                    config.batch(),
                    parent.getRound() == 0 ? config.learningRate() : config.warmLearningRate(),
                    config.headLearningRate(),
                    config.gradientClip(),
                    Draws.mix(config.seed(), state.round()),
                    state.round(),
                    parentMetadata.input());
            metadata = parentMetadata
                    .named(config.line(), state.version())
                    .learned(state.version(), state.round(), config.method(), state.dataHash(), Map.of());
            try (RecipeTraining training =
                    new RecipeTraining(plan(selection), network, learned.get(0), learned.get(1), settings)) {
                memories.takeUp(training, parent);
                if (!train(training, stopped)) {
                    return Optional.empty();
                }
                memories.remember(training, state.version());
                ModelProto trained = training.exported().toModel();
                ModelFile.write(candidate, Artefacts.deployed(trained, metadata));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        EvaluationResult result = evaluate(candidate, evaluation);
        Gate.Verdict verdict =
                Gate.decide(result, rivals(parent, evaluation, selection), rules(parent), Evaluation.SEED);
        ModelRelease release = ModelRelease.newBuilder()
                .setLine(config.line())
                .setVersion(state.version())
                .setParent(state.parent())
                .setRound(state.round())
                .setStatus(verdict.passed() ? ModelStatus.CHAMPION : ModelStatus.REJECTED)
                .setArtefact(Releases.store(store, candidate))
                .setClasses(metadata.classes().names())
                .setMethod(config.method())
                .setTrainingOffsets(byText(state.offsets()))
                .setDataHash(state.dataHash())
                .setLabels(selection.labelled().size())
                .setUnlabelled(selection.unlabelled().size())
                .setTrainSeconds(seconds)
                .setMetrics(Releases.metrics(result.report()))
                .setGate(Releases.verdict(verdict))
                .setTemperature(metadata.temperature())
                .setReleasedAt(clock.instant())
                .setVariants(verdict.passed() ? variants.make(candidate, result, evaluation, learned) : List.of())
                .build();
        registry.publish(release);
        LOG.info(
                "round {} gave {} {}: mIoU {} on {} images; {}",
                state.round(),
                release.getStatus(),
                state.version(),
                String.format(java.util.Locale.ROOT, "%.4f", result.report().miou()),
                result.report().images(),
                verdict.explanation());
        memories.settle(release);
        discard();
        Files.deleteIfExists(candidate);
        return Optional.of(release);
    }

    private RoundPlan plan(SamplePool.Selection selection) {
        long[] pixels = new long[classes];
        for (SamplePool.Entry entry : selection.labelled()) {
            for (int c = 0; c < classes; c++) {
                pixels[c] += entry.pixels().get(c);
            }
        }
        return plan(config, ClassWeights.ofPixels(Arrays.stream(pixels).boxed().toList()));
    }

    /** Returns what a round does under these settings. */
    static RoundPlan plan(TrainLoopConfig config, ClassWeights classes) {
        Method method = Methods.named(config.method());
        return method.plan(new MethodSettings(classes, config.options(), config.seed()).checkedFor(method));
    }

    /** A model that has learned nothing may be good at one class by chance, so only its mean counts. */
    private Gate.Rules rules(ModelRelease parent) {
        return parent.getStatus() == ModelStatus.STARTING
                ? new Gate.Rules(config.gateGain(), config.gateTolerance(), 1, 1)
                : Gate.Rules.of(config.gateGain(), config.gateTolerance());
    }

    /** Takes the steps that are left; false if it was stopped before the last. */
    private boolean train(RecipeTraining training, BooleanSupplier stopped) throws IOException {
        if (Files.exists(checkpointFile())) {
            try {
                training.restore(checkpointFile());
                LOG.info("the round goes on after step {}", training.done());
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException("the checkpoint " + checkpointFile() + " does not fit the round", e);
            }
        }
        while (!training.isDone()) {
            if (stopped.getAsBoolean()) {
                training.save(checkpointFile());
                return false;
            }
            long start = System.nanoTime();
            double loss = training.step();
            metrics.stepped(training.done(), config.iterationsPerRound(), loss, System.nanoTime() - start);
            if (training.done() % config.checkpointEvery() == 0 && !training.isDone()) {
                training.save(checkpointFile());
            }
        }
        return true;
    }

    private List<Gate.Rival> rivals(ModelRelease parent, Examples evaluation, SamplePool.Selection selection)
            throws IOException {
        List<Gate.Rival> rivals = new ArrayList<>();
        List<ModelRelease> releases = registry.list(config.line());
        ModelRelease serving = ModelRegistry.serving(releases).orElse(parent);
        rivals.add(new Gate.Rival(serving.getVersion(), result(serving, evaluation, selection), true));
        ModelRelease best = ModelRegistry.bestEver(releases).orElse(serving);
        if (!best.getVersion().equals(serving.getVersion())) {
            rivals.add(new Gate.Rival(best.getVersion(), result(best, evaluation, selection), false));
        }
        return rivals;
    }

    /** Sees to it that the starting model's quality is known before the first round ends. */
    private ModelRelease measured(ModelRelease release, Examples evaluation, SamplePool.Selection selection)
            throws IOException {
        if (release.getMetrics() != null || release.getStatus() != ModelStatus.STARTING) {
            return release;
        }
        ModelRelease measured = ModelRelease.newBuilder(release)
                .setMetrics(
                        Releases.metrics(result(release, evaluation, selection).report()))
                .build();
        boolean serves = ModelRegistry.serving(registry.list(config.line()))
                .filter(now -> now.getVersion().equals(release.getVersion()))
                .isPresent();
        if (serves) { // the last record serves, so an older model is not written again
            registry.publish(measured);
        }
        return measured;
    }

    private EvaluationResult result(ModelRelease release, Examples evaluation, SamplePool.Selection selection)
            throws IOException {
        String key = release.getVersion() + "/" + selection.evaluation().hashCode();
        EvaluationResult known = results.get(key);
        if (known == null) {
            known = evaluate(store.localFile(release.getArtefact().getReference()), evaluation);
            if (results.size() >= MAX_RESULTS) {
                results.clear();
            }
            results.put(key, known);
        }
        return known;
    }

    private EvaluationResult evaluate(Path model, Examples evaluation) throws IOException {
        try (InferenceModel deployed = InferenceModel.open(model, device)) {
            return Evaluation.of(deployed, evaluation);
        }
    }

    private ModelProto trainable(ModelRelease release) throws IOException {
        return Artefacts.trainable(store.localFile(release.getArtefact().getReference()));
    }

    private static List<String> keys(List<SamplePool.Entry> entries) {
        return entries.stream().map(SamplePool.Entry::key).toList();
    }

    private static Map<String, Long> byText(Map<Integer, Long> offsets) {
        Map<String, Long> byText = new HashMap<>();
        offsets.forEach((partition, offset) -> byText.put(Integer.toString(partition), offset));
        return byText;
    }
}
