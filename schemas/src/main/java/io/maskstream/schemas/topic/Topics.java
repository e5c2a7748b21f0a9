package io.maskstream.schemas.topic;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.schemas.serde.TrustedEvents;
import java.time.Duration;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue: every topic of the loop, under one prefix.
 *
 * <p>Keys are image ids, except {@code models} (model line, slash, version), {@code policies} (the model line), {@code quality}
 * (the model version) and {@code dead-letters} (the key of the failed record, as text).
 */
public final class Topics {
    static {
        TrustedEvents.install();
    }

    /** Prefix of every topic's name unless configured. */
    public static final String DEFAULT_PREFIX = "maskstream.";

    /** Partitions of the topics that are keyed by image, unless configured. */
    public static final int DEFAULT_PARTITIONS = 4;

    /** Largest record batch: an image inline up to 1 MiB with its maps, and a good margin. */
    public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final Duration DAYS_OF_IMAGES = Duration.ofDays(7);
    private static final Duration LONG = Duration.ofDays(365);

    private final EventSerdes serdes;
    private final String prefix;
    private final int partitions;

    private final Topic<String, ImageArrived> images;
    private final Topic<String, Prediction> predictions;
    private final Topic<String, Decision> decisions;
    private final Topic<String, LabelTask> labelTasks;
    private final Topic<String, LabelEvent> labelEvents;
    private final Topic<String, Annotation> annotations;
    private final Topic<String, TrainingSample> trainingSamples;
    private final Topic<String, ModelRelease> models;
    private final Topic<String, RoutingPolicy> policies;
    private final Topic<String, QualityEvent> quality;
    private final Topic<String, DeadLetter> deadLetters;

    /** Returns the catalogue in the default wire form and layout. */
    public Topics(String prefix) {
        this(prefix, DEFAULT_PARTITIONS, EventSerdes.singleObject());
    }

    /**
     * @param prefix put before every name, may be empty
     * @param partitions of the topics keyed by image; they agree, so that routing can join them
     * @param serdes the wire form
     */
    public Topics(String prefix, int partitions, EventSerdes serdes) {
        this.prefix = prefix;
        this.partitions = partitions;
        this.serdes = serdes;
        this.images = keyedByImage("images", ImageArrived.class, DAYS_OF_IMAGES);
        this.predictions = keyedByImage("predictions", Prediction.class, DAYS_OF_IMAGES);
        this.decisions = keyedByImage("decisions", Decision.class, LONG);
        this.labelTasks = topic("label-tasks", LabelTask.class, partitions, null, true);
        this.labelEvents = keyedByImage("label-events", LabelEvent.class, LONG);
        this.annotations = keyedByImage("annotations", Annotation.class, null);
        this.trainingSamples = keyedByImage("training-samples", TrainingSample.class, null);
        this.models = topic("models", ModelRelease.class, 1, null, true);
        this.policies = topic("policies", RoutingPolicy.class, 1, null, true);
        this.quality = topic("quality", QualityEvent.class, 1, LONG, false);
        this.deadLetters = topic("dead-letters", DeadLetter.class, 1, LONG, false);
    }

    private <V extends SpecificRecord> Topic<String, V> keyedByImage(
            String name, Class<V> type, @Nullable Duration retention) {
        return topic(name, type, partitions, retention, false);
    }

    private <V extends SpecificRecord> Topic<String, V> topic(
            String name, Class<V> type, int partitions, @Nullable Duration retention, boolean compacted) {
        TopicLayout layout = new TopicLayout(partitions, retention, compacted, MAX_MESSAGE_BYTES);
        return new Topic<>(prefix + name, Serdes.String(), serdes.of(type), layout);
    }

    /**
     * Returns how a stage is known to the brokers: its consumer group, Streams application or transactional id. Under a
     * prefix of its own a loop has names of its own, so that two loops on one cluster never share state.
     *
     * @param name as configured; used as it is under the default prefix
     */
    public String clientName(String name) {
        return prefix.equals(DEFAULT_PREFIX) ? name : prefix + name;
    }

    /** Returns the text before every name. */
    public String prefix() {
        return prefix;
    }

    public Topic<String, ImageArrived> images() {
        return images;
    }

    public Topic<String, Prediction> predictions() {
        return predictions;
    }

    public Topic<String, Decision> decisions() {
        return decisions;
    }

    public Topic<String, LabelTask> labelTasks() {
        return labelTasks;
    }

    public Topic<String, LabelEvent> labelEvents() {
        return labelEvents;
    }

    public Topic<String, Annotation> annotations() {
        return annotations;
    }

    public Topic<String, TrainingSample> trainingSamples() {
        return trainingSamples;
    }

    public Topic<String, ModelRelease> models() {
        return models;
    }

    public Topic<String, RoutingPolicy> policies() {
        return policies;
    }

    public Topic<String, QualityEvent> quality() {
        return quality;
    }

    public Topic<String, DeadLetter> deadLetters() {
        return deadLetters;
    }

    /** Returns every topic, upstream first. */
    public List<Topic<String, ?>> all() {
        return List.of(
                images,
                predictions,
                decisions,
                labelTasks,
                labelEvents,
                annotations,
                trainingSamples,
                models,
                policies,
                quality,
                deadLetters);
    }
}
