package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.data.ExampleCache;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.release.ModelRegistry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The continual trainer: reads training samples, wakes for rounds, and releases what passes the gate.
 *
 * <p>A round starts from the serving model and learns from every annotation and, where the method takes them, from a class-balanced
 * reservoir of pseudo-labelled images. It is planned on disk and writes checkpoints, so one that was killed goes on; the same samples,
 * settings and machine give the same weights and the same version name. The candidate is released as champion or as rejected.
 *
 * <p>One loop a model line; a second one with the same line fences the first.
 */
public final class TrainLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);
    private static final long CACHE_BYTES = 512L << 20;
    private static final long IDLE_MILLIS = 100;

    private final TrainLoopConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final ContentStore store;
    private final Clock clock = Clock.systemUTC();
    private final ModelRegistry registry;
    private final RoundMetrics metrics;
    private final MeterRegistry meters;
    private final SamplePool pool = new SamplePool();
    private final RoundTrigger trigger;
    private final AtomicBoolean requested = new AtomicBoolean();
    private final Map<Integer, Long> givenUp = new HashMap<>();
    private volatile boolean stopped;
    private volatile boolean caughtUp;
    private volatile boolean broken;
    private volatile Map<Integer, Long> learned = Map.of();
    private volatile @Nullable Instant lastRound;
    private @Nullable SampleReader reader;
    private @Nullable Thread readerThread;
    private @Nullable Thread roundThread;

    public TrainLoop(
            TrainLoopConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry meters) {
        this.config = config;
        this.connection = connection;
        this.topics = topics;
        this.store = store;
        this.meters = meters;
        this.metrics = new RoundMetrics(meters);
        this.registry = new ModelRegistry(connection, topics, clock, topics.prefix() + "trainer-" + config.line());
        this.trigger = new RoundTrigger(
                config.triggerAnnotations(),
                config.maxInterval(),
                config.debounce(),
                config.cooldown(),
                config.minEvaluation());
    }

    /**
     * Starts reading; releases the starting model if the line has no release. Returns when that is done.
     *
     * @throws IOException if the cache or the starting model cannot be read or written
     * @throws IllegalArgumentException if the settings name what is not there, or the classes are not known
     */
    public void start() throws IOException {
        if (config.threads() > 0) {
            Torch.threads(config.threads());
        }
        Device device = Torch.choose(Device.parse(config.device()));
        registry.fence();
        Path folder = Files.createDirectories(config.cacheDir().resolve(config.line()));
        List<ModelRelease> releases = registry.list(config.line());
        ModelRelease serving = ModelRegistry.serving(releases).orElse(null);
        if (serving == null) {
            serving = releaseStarting(folder);
        } else if (!config.classes().isEmpty() && !config.classes().equals(serving.getClasses())) {
            throw new IllegalArgumentException("classes are " + config.classes() + ", but the model line "
                    + config.line() + " has " + serving.getClasses() + "; use another line");
        }
        metrics.serving(serving);
        learned = learnedOffsets(releases);
        int classes = serving.getClasses().size();
        ExampleCache cache = new ExampleCache(folder.resolve("examples"), CACHE_BYTES);
        RoundPlan plan =
                RoundRunner.plan(config, ClassWeights.equal(classes)); // to know whether it takes unlabelled images
        RoundRunner runner = new RoundRunner(config, classes, registry, store, cache, device, folder, clock, metrics);
        SampleDecoder decoder = new SampleDecoder(store, classes, config.height(), config.width());
        SampleReader newReader =
                new SampleReader(connection, topics, decoder, pool, cache, classes, folder, clock, metrics::refused);
        reader = newReader;
        metrics.watch(pool);
        Gauge.builder(TrainerMetrics.NEW_ANNOTATIONS, this, loop -> loop.fresh().size())
                .register(meters);
        Optional<RoundState> unfinished = RoundState.read(runner.stateFile());
        CompletableFuture<SamplePool.Selection> unfinishedSelection = new CompletableFuture<>();
        readerThread = thread("trainer-reader", () -> read(newReader, unfinished, unfinishedSelection, plan, cache));
        roundThread = thread("trainer-rounds", () -> rounds(runner, plan, unfinished, unfinishedSelection));
    }

    private Thread thread(String name, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        if (!stopped) {
                            broken = true;
                            LOG.error("{} of line {} ended", name, config.line(), e);
                        }
                    }
                },
                name + "-" + config.line());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private ModelRelease releaseStarting(Path folder) throws IOException {
        ClassList classes = startingClasses();
        ModelProto trainable =
                Artefacts.starting(config.model(), classes, config.height(), config.width(), config.seed());
        String version = config.line() + "-r0000-start";
        ModelMetadata metadata = ModelMetadata.read(trainable).named(config.line(), version);
        Path file = folder.resolve("starting.onnx");
        ModelFile.write(file, Artefacts.deployed(trainable, metadata));
        ModelRelease release = ModelRelease.newBuilder()
                .setLine(config.line())
                .setVersion(version)
                .setRound(0)
                .setStatus(ModelStatus.STARTING)
                .setArtefact(Releases.store(store, file))
                .setClasses(classes.names())
                .setMethod("none")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(metadata.temperature())
                .setReleasedAt(clock.instant())
                .build();
        registry.publish(release);
        Files.deleteIfExists(file);
        return release;
    }

    /** Returns the classes of the settings, else those of the model file that the line starts from. */
    private ClassList startingClasses() throws IOException {
        if (!config.classes().isEmpty()) {
            return config.palette().isEmpty()
                    ? ClassList.of(config.classes())
                    : new ClassList(config.classes(), config.palette());
        }
        if (!Artefacts.isFile(config.model())) {
            throw new IllegalArgumentException("classes is empty and the model line " + config.line()
                    + " has no release and no model file to take them from");
        }
        return ModelMetadata.read(Artefacts.trainable(Path.of(config.model()))).classes();
    }

    private void read(
            SampleReader from,
            Optional<RoundState> unfinished,
            CompletableFuture<SamplePool.Selection> unfinishedSelection,
            RoundPlan plan,
            ExampleCache cache) {
        try {
            if (unfinished.isPresent()) {
                from.readBefore(unfinished.get().offsets());
                unfinishedSelection.complete(select(plan));
            }
            from.catchUp();
            cache.retain(needed(unfinishedSelection));
            caughtUp = true;
            while (!stopped) {
                from.poll();
            }
        } catch (WakeupException e) {
            if (!stopped) {
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            unfinishedSelection.cancel(false);
        }
    }

    /** Returns the cached examples that are in use: only then, at the start, is it known which are not. */
    private Set<String> needed(CompletableFuture<SamplePool.Selection> unfinishedSelection) {
        Set<String> keys = new HashSet<>(pool.keys());
        SamplePool.Selection selection = unfinishedSelection.getNow(null);
        if (selection != null) {
            selection.labelled().forEach(entry -> keys.add(entry.key()));
            selection.unlabelled().forEach(entry -> keys.add(entry.key()));
            selection.evaluation().forEach(entry -> keys.add(entry.key()));
        }
        return keys;
    }

    private SamplePool.Selection select(RoundPlan plan) {
        return pool.select(plan.usesUnlabelled(), config.reservoir(), config.seed());
    }

    private void rounds(
            RoundRunner runner,
            RoundPlan plan,
            Optional<RoundState> unfinished,
            CompletableFuture<SamplePool.Selection> unfinishedSelection) {
        try {
            if (unfinished.isPresent()) {
                SamplePool.Selection selection = unfinishedSelection.join();
                RoundState state = unfinished.get();
                RoundState again = RoundState.plan(
                        config, state.round(), state.parent(), selection.offsets(), selection.dataHash());
                if (again.equals(state)) {
                    LOG.info("going on with round {}", state.round());
                    attempts(runner, state, selection);
                } else {
                    LOG.warn("the settings changed since round {} was planned; it is planned anew", state.round());
                    runner.discard();
                }
            }
            while (!stopped) {
                if (caughtUp && due()) {
                    requested.set(false);
                    SamplePool.Selection selection = select(plan);
                    attempts(runner, planned(selection), selection);
                } else {
                    Thread.sleep(IDLE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean due() {
        List<SamplePool.Entry> fresh = fresh();
        RoundTrigger.State state = new RoundTrigger.State(
                requested.get(),
                pool.count(Split.TRAIN, Origin.HUMAN),
                pool.count(Split.EVALUATION, Origin.HUMAN),
                fresh.size(),
                fresh.isEmpty() ? null : fresh.get(0).readAt(),
                fresh.isEmpty() ? null : fresh.get(fresh.size() - 1).readAt(),
                lastRound);
        Optional<RoundTrigger.Cause> cause = trigger.decide(state, clock.instant());
        cause.ifPresent(why -> LOG.info(
                "a round starts by {}: {} annotations, {} of them new, {} images to evaluate on",
                why,
                state.labelled(),
                state.fresh(),
                state.evaluation()));
        return cause.isPresent();
    }

    private List<SamplePool.Entry> fresh() {
        return pool.annotationsSince(learned);
    }

    private RoundState planned(SamplePool.Selection selection) {
        List<ModelRelease> releases = registry.list(config.line());
        int round = 1 + releases.stream().mapToInt(ModelRelease::getRound).max().orElse(0);
        String parent = ModelRegistry.serving(releases)
                .orElseThrow(() -> new IllegalStateException(
                        "model line " + config.line() + " has no release to start from; it had one at the start"))
                .getVersion();
        return RoundState.plan(config, round, parent, selection.offsets(), selection.dataHash());
    }

    /** Runs a round, again if it fails, up to the bound; then it is given up until there are new samples. */
    private void attempts(RoundRunner runner, RoundState state, SamplePool.Selection selection)
            throws IOException, InterruptedException {
        for (int attempt = 1; attempt <= config.maxFailures() && !stopped; attempt++) {
            long start = System.nanoTime();
            try {
                Optional<ModelRelease> release = runner.run(state, selection, () -> stopped);
                if (release.isPresent()) {
                    metrics.released(release.get(), System.nanoTime() - start);
                    learned = state.offsets();
                    lastRound = clock.instant();
                }
                return;
            } catch (IOException | RuntimeException e) {
                if (isFenced(e)) {
                    throw new IllegalStateException(
                            "another trainer of line " + config.line() + " has taken over; this one stops", e);
                }
                metrics.failed();
                LOG.error("round {} failed, attempt {} of {}", state.round(), attempt, config.maxFailures(), e);
                runner.discardCheckpoint();
                Thread.sleep(IDLE_MILLIS * 10 * attempt);
            }
        }
        if (!stopped) {
            LOG.error("round {} is given up; the next one waits for new samples", state.round());
            runner.discard();
            givenUp.putAll(state.offsets());
            learned = Map.copyOf(givenUp);
            lastRound = clock.instant();
        }
    }

    private static boolean isFenced(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    private static Map<Integer, Long> learnedOffsets(List<ModelRelease> releases) {
        Map<Integer, Long> offsets = new HashMap<>();
        releases.stream().filter(release -> release.getRound() > 0).forEach(release -> release.getTrainingOffsets()
                .forEach((partition, offset) -> offsets.merge(Integer.parseInt(partition), offset, Math::max)));
        return Map.copyOf(offsets);
    }

    /** Says whether its threads live; a failed round is no reason for false. */
    public boolean isHealthy() {
        Thread reads = readerThread;
        Thread trains = roundThread;
        return !broken && reads != null && trains != null && reads.isAlive() && trains.isAlive();
    }

    /** Asks for a round as soon as there is anything to learn from, whatever the triggers say. */
    public void requestRound() {
        requested.set(true);
    }

    /** Stops after the step under way; a round under way continues from its last checkpoint at the next start. */
    @Override
    public void close() {
        stopped = true;
        SampleReader open = reader;
        reader = null;
        if (open != null) {
            open.wakeUp();
        }
        join(readerThread);
        join(roundThread);
        if (open != null) {
            open.close();
        }
        registry.close();
    }

    private static void join(@Nullable Thread thread) {
        if (thread == null || thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
