package io.maskstream.cli.loop;

import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.stage.TrainStage;
import io.maskstream.dashboard.LoopRoutes;
import io.maskstream.dashboard.LoopView;
import io.maskstream.dashboard.RoundProgress;
import io.maskstream.inference.InferenceApp;
import io.maskstream.labeling.LabelingApp;
import io.maskstream.labeling.LabelingRoutes;
import io.maskstream.quality.QualityApp;
import io.maskstream.routing.RoutingApp;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.maskstream.service.Authenticator;
import io.maskstream.service.HttpServer;
import io.maskstream.service.ProcessMetrics;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.run.TrainLoop;
import io.maskstream.trainer.run.TrainerMetrics;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every stage of the loop in this process, with the pages, on a cluster that is there.
 *
 * <p>The stages talk through topics alone, as they do when each runs by itself.
 */
public final class LoopProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoopProcess.class);

    private final LoopSettings settings;
    private final KafkaConnection connection;
    private final Topics topics;
    private final ContentStore store;
    private final ProcessMetrics metrics = new ProcessMetrics();
    private final InferenceApp inference;
    private final TrainLoop trainer;
    private final LoopView view;
    private final List<App> apps;
    private final HttpServer server;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    /**
     * Creates the topics that are missing, and makes the stages; nothing runs yet.
     *
     * @throws IOException if the store or the tokens cannot be read
     * @throws IllegalStateException if a topic that exists cannot be used, saying what differs
     */
    public LoopProcess(LoopSettings settings) throws IOException {
        this.settings = settings;
        this.connection = settings.connection();
        this.topics = settings.catalogue();
        this.store = settings.contentStore();
        createTopics();
        this.trainer = new TrainLoop(settings.trainer(), connection, topics, store, metrics.registry());
        ThreadShares threads = ThreadShares.of(
                Runtime.getRuntime().availableProcessors(),
                settings.inference().threads(),
                settings.trainer().threads());
        Torch.threads(threads.training());
        LOG.info("threads: {} of inference, {} of training", threads.inference(), threads.training());
        this.inference = new InferenceApp(
                settings.inference().withThreads(threads.inference()), connection, topics, store, metrics.registry());
        RoutingApp routing = new RoutingApp(settings.routing(), connection, topics, metrics.registry());
        LabelingApp labeling = new LabelingApp(settings.labeling(), connection, topics, store, metrics.registry());
        QualityApp quality = new QualityApp(settings.quality(), connection, topics, metrics.registry());
        this.view = new LoopView(settings.dashboard(), connection, topics, store, metrics.registry());
        this.apps = List.of(routing, labeling, quality, view, new TrainStage(trainer), inference);
        this.server = new HttpServer(settings.http(), Authenticator.of(settings.http()));
        server.metrics(metrics);
        LabelingRoutes.of(labeling).on(server);
        LoopRoutes.on(server, view);
        view.showRound(this::roundUnderWay);
        apps.forEach(app -> server.health(app.name(), app::isHealthy));
    }

    private void createTopics() {
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.Report report = TopicCreation.create(admin, topics.all());
            if (!report.isAsLaidOut()) {
                throw new IllegalStateException("the topics are not laid out as this version needs them: "
                        + report.differences().get(0));
            }
        }
    }

    private @Nullable RoundProgress roundUnderWay() {
        Gauge progress = metrics.registry().find(TrainerMetrics.PROGRESS).gauge();
        Gauge round = metrics.registry().find(TrainerMetrics.ROUND).gauge();
        if (progress == null || round == null || !(progress.value() > 0)) {
            return null;
        }
        return new RoundProgress((int) round.value() + 1, "training", Math.min(1, progress.value()));
    }

    /** Starts the pages and the stages; the starting model is released if the line has none. */
    public void start() {
        started.push(metrics);
        server.start();
        started.push(server);
        for (App app : apps) {
            started.push(app);
            app.start();
        }
    }

    /** Returns the stages, downstream first, for a process that watches them. */
    public List<App> apps() {
        return apps;
    }

    /** Returns the address of the pages. */
    public URI url() {
        return server.url();
    }

    /** Returns the settings that it runs under. */
    public LoopSettings settings() {
        return settings;
    }

    /** Returns how the stages reach the cluster. */
    public KafkaConnection connection() {
        return connection;
    }

    /** Returns the topics. */
    public Topics topics() {
        return topics;
    }

    /** Returns the store of large images and models. */
    public ContentStore store() {
        return store;
    }

    /** Returns the figures of the process. */
    public ProcessMetrics metrics() {
        return metrics;
    }

    /** Returns the inference stage. */
    public InferenceApp inference() {
        return inference;
    }

    /** Returns the trainer. */
    public TrainLoop trainer() {
        return trainer;
    }

    /**
     * Looks after the stages.
     *
     * @throws IllegalStateException if one of them has stopped working, naming it
     */
    public void requireHealthy() {
        for (App app : apps) {
            if (!app.isHealthy()) {
                throw new IllegalStateException(
                        "the stage " + app.name() + " has stopped working; see the errors above");
            }
        }
    }

    /** Closes what was started, the last first; goes on when a close fails, and then throws what failed first. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) {
                if (first == null) {
                    first = new IllegalStateException("a stage did not close in order: " + e.getMessage(), e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
