package io.maskstream.inference;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inference stage: images in, predictions and dead letters out, exactly once.
 *
 * <p>While there is no model it reads nothing and waits, so nothing is lost. A model that is released while it runs takes
 * over between two batches.
 */
public final class InferenceApp implements App {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceApp.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(60);

    private final ServingSlot slot;
    private final InferencePipeline pipeline;
    private final InferenceLoop loop;
    private final ModelWatcher watcher;
    private final List<KafkaClientMetrics> clientMetrics;
    private final Thread loopThread;
    private final Thread watcherThread;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean started;

    /** What the stage is doing. */
    public enum State {
        /** There is no model yet; images wait on their topic. */
        WAITING_FOR_MODEL,
        /** Images become predictions. */
        RUNNING,
        /** It stopped for the reason that {@link #failure()} gives. */
        FAILED
    }

    /**
     * Makes the stage; {@link #start()} starts it.
     *
     * @param store holds the images that travel by reference and the models
     */
    public InferenceApp(
            InferenceConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry registry) {
        this(config, connection, topics, store, registry, new ModelTrial(config));
    }

    InferenceApp(
            InferenceConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry registry,
            ModelTrial trial) {
        InferenceMetrics metrics = new InferenceMetrics(registry);
        this.slot = new ServingSlot(Clock.systemUTC(), swap -> {
            metrics.serving(config.line(), swap);
            LOG.info(
                    "Model {} serves in {}, {} ms after its release",
                    swap.modelVersion(),
                    swap.form(),
                    swap.latency().toMillis());
        });
        ImageLimits limits = new ImageLimits(config.maxImageBytes(), config.maxImagePixels());
        ArrivedImages images = new ArrivedImages(topics.images(), store, limits);
        this.pipeline = new InferencePipeline(config, topics, images, slot, metrics);
        this.loop = new InferenceLoop(config, connection, topics, slot, pipeline, metrics);
        ModelAdmission admission = new ModelAdmission(config, store, trial, metrics);
        this.watcher = new ModelWatcher(config, connection, topics, admission, slot, metrics, Clock.systemUTC());
        this.clientMetrics =
                List.of(new KafkaClientMetrics(loop.kafkaConsumer()), new KafkaClientMetrics(loop.kafkaProducer()));
        this.clientMetrics.forEach(binder -> binder.bindTo(registry));
        this.loopThread = new Thread(this::runLoop, "inference-loop");
        this.watcherThread = new Thread(this::watch, "inference-models");
    }

    @Override
    public String name() {
        return "inference";
    }

    @Override
    public void start() {
        started = true;
        watcherThread.start();
        loopThread.start();
    }

    private void runLoop() {
        try {
            loop.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void watch() {
        try {
            watcher.run();
        } catch (InterruptedException e) {
            LOG.debug("The watcher of models was interrupted to end");
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            LOG.error("Inference stopped: {}", cause.getMessage(), cause);
        }
        loop.stop();
        watcher.stop();
    }

    @Override
    public boolean isHealthy() {
        return failure.get() == null;
    }

    /** Returns what stopped the stage; null while it is well. */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    /** Returns what the stage is doing. */
    public State state() {
        if (failure.get() != null) {
            return State.FAILED;
        }
        return slot.current() == null ? State.WAITING_FOR_MODEL : State.RUNNING;
    }

    /** Returns the version that serves; null before there is one. */
    public @Nullable String servingVersion() {
        ServingModel serving = slot.current();
        return serving == null ? null : serving.version();
    }

    /** Returns the numeric form that serves, such as {@code int8}; null before there is a model. */
    public @Nullable String servingForm() {
        ServingModel serving = slot.current();
        return serving == null ? null : serving.form().wireName();
    }

    /** Returns every change of the serving model since the start, oldest first. */
    public List<SwapRecord> swaps() {
        return slot.swaps();
    }

    @Override
    public void close() {
        loop.stop();
        watcher.stop();
        try {
            if (started) {
                loopThread.join(CLOSE_PATIENCE.toMillis());
                watcherThread.join(CLOSE_PATIENCE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!started) {
                loop.abandon();
            }
            clientMetrics.forEach(KafkaClientMetrics::close);
            pipeline.close();
            slot.close();
        }
    }
}
