package io.maskstream.routing;

import io.maskstream.routing.RoutingMetrics.AnnotationOutcome;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.DeadLetters;
import io.maskstream.service.StreamRecords;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Joins what a person drew to the task that asked for it, and sends both to training.
 *
 * <p>An image becomes a training sample once. A later annotation of the same image, such as one that a reviewer
 * corrected, makes a newer sample only if its mask is another; one that a reviewer rejected makes none. The split is that
 * of the task, whatever the annotation says, so that no client can move an image out of the evaluation split.
 */
final class AnnotationStage implements Processor<byte @Nullable [], byte @Nullable [], String, SpecificRecord> {
    /** Store of the masks that were sent to training: image id to the SHA-256 of the last. */
    static final String SAMPLED = "sampled";

    private final Topics topics;
    private final RoutingMetrics metrics;
    private @Nullable Started started;

    private record Started(
            ProcessorContext<String, SpecificRecord> context,
            KeyValueStore<String, LabelTask> tasks,
            KeyValueStore<String, String> sampled) {}

    AnnotationStage(Topics topics, RoutingMetrics metrics) {
        this.topics = topics;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        started = new Started(context, context.getStateStore(DecisionStage.TASKS), context.getStateStore(SAMPLED));
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        Started here = Objects.requireNonNull(started, "init comes first");
        try {
            Annotation annotation = StreamRecords.event(topics.annotations(), record);
            StreamRecords.requireKey(topics.annotations(), record, annotation.getImageId());
            LabelTask task = here.tasks().get(annotation.getImageId());
            if (task == null) {
                throw new IllegalArgumentException("no label task was made for image " + annotation.getImageId()
                        + "; masks of images that routing never saw are published as seed samples instead");
            }
            join(here, task, annotation);
        } catch (SerializationException | IllegalArgumentException e) {
            long now = here.context().currentSystemTimeMs();
            DeadLetter letter = DeadLetters.of(
                    RoutingApp.NAME, StreamRecords.asRead(here.context(), record), e, Instant.ofEpochMilli(now));
            here.context()
                    .forward(new Record<>(DeadLetters.keyOf(letter), letter, now), RoutingTopology.DEAD_LETTERS_OUT);
            metrics.refused();
        }
    }

    private void join(Started here, LabelTask task, Annotation annotation) {
        if (annotation.getReview() == ReviewState.REJECTED) {
            metrics.annotated(AnnotationOutcome.REJECTED);
            return;
        }
        MaskCheck.requireMaskOf(task.getContent(), annotation);
        String id = annotation.getImageId();
        String digest = sha256(annotation.getMask());
        if (digest.equals(here.sampled().get(id))) {
            metrics.annotated(AnnotationOutcome.UNCHANGED);
            return;
        }
        here.sampled().put(id, digest);
        TrainingSample sample = TrainingSample.newBuilder()
                .setImageId(id)
                .setSource(task.getSource())
                .setContent(task.getContent())
                .setMask(annotation.getMask())
                .setOrigin(Origin.HUMAN)
                .setSplit(task.getSplit())
                .setReason(task.getReason())
                .setModelVersion(task.getModelVersion())
                .setAnnotator(annotation.getAnnotator())
                .setCreatedAt(annotation.getAnnotatedAt())
                .build();
        here.context()
                .forward(
                        new Record<>(id, sample, annotation.getAnnotatedAt().toEpochMilli()),
                        RoutingTopology.SAMPLES_OUT);
        metrics.annotated(AnnotationOutcome.SAMPLED);
        metrics.sampled(Origin.HUMAN);
    }

    private static String sha256(ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes.duplicate());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
