package io.maskstream.quality;

import io.maskstream.quality.QualityMetrics.Outcome;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.Prefill;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.DeadLetters;
import io.maskstream.service.StreamRecords;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Brings the mask that a model gave and the mask that a person drew together, whichever comes first, and compares them.
 *
 * <p>A corrected annotation is compared anew and takes the place of the first; a rejected one takes the comparison back.
 */
final class MeasureStage implements Processor<byte @Nullable [], byte @Nullable [], String, @Nullable SpecificRecord> {
    /** Store of the masks that models gave: image id to mask, for images that count for an estimate. */
    static final String PREFILLS = "prefills";

    /** Store of annotations that came before their task. */
    static final String WAITING = "waiting-annotations";

    private final Topics topics;
    private final QualityConfig config;
    private final QualityMetrics metrics;
    private @Nullable Started started;

    private record Started(
            ProcessorContext<String, @Nullable SpecificRecord> context,
            KeyValueStore<String, Prefill> prefills,
            KeyValueStore<String, Annotation> waiting,
            ReleaseBoard.Reader releases) {}

    MeasureStage(Topics topics, QualityConfig config, QualityMetrics metrics) {
        this.topics = topics;
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, @Nullable SpecificRecord> context) {
        KeyValueStore<String, byte[]> releases = context.getStateStore(ReleaseBoard.STORE);
        started = new Started(
                context,
                context.getStateStore(PREFILLS),
                context.getStateStore(WAITING),
                new ReleaseBoard.Reader(releases, topics));
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        Started here = Objects.requireNonNull(started, "init comes first");
        ConsumerRecord<byte @Nullable [], byte @Nullable []> asRead = StreamRecords.asRead(here.context(), record);
        try {
            if (asRead.topic().equals(topics.labelTasks().name())) {
                if (record.value() != null) { // a task without a value was withdrawn; its image may be labelled already
                    task(here, StreamRecords.event(topics.labelTasks(), record), record.timestamp());
                }
            } else {
                Annotation annotation = StreamRecords.event(topics.annotations(), record);
                StreamRecords.requireKey(topics.annotations(), record, annotation.getImageId());
                annotation(here, annotation, record.timestamp());
            }
        } catch (SerializationException | IllegalArgumentException e) {
            long now = here.context().currentSystemTimeMs();
            DeadLetter letter = DeadLetters.of(QualityApp.NAME, asRead, e, Instant.ofEpochMilli(now));
            here.context().forward(new Record<>(DeadLetters.keyOf(letter), letter, now));
            metrics.refused();
        }
    }

    private void task(Started here, LabelTask task, long timestamp) {
        Optional<QualityArm> arm = MaskComparison.armOf(task.getReason());
        String id = task.getImageId();
        Annotation waiting = here.waiting().delete(id);
        if (arm.isEmpty()) {
            if (waiting != null) {
                metrics.compared(Outcome.BIASED);
            }
            return;
        }
        Prefill prefill = new Prefill(id, task.getModelVersion(), arm.get(), task.getMask());
        here.prefills().put(id, prefill);
        if (waiting != null) {
            compare(here, prefill, waiting, timestamp);
        }
    }

    private void annotation(Started here, Annotation annotation, long timestamp) {
        if (MaskComparison.armOf(annotation.getReason()).isEmpty()) {
            metrics.compared(Outcome.BIASED);
            return;
        }
        Prefill prefill = here.prefills().get(annotation.getImageId());
        if (prefill == null) {
            here.waiting().put(annotation.getImageId(), annotation);
        } else {
            compare(here, prefill, annotation, timestamp);
        }
    }

    private void compare(Started here, Prefill prefill, Annotation annotation, long timestamp) {
        String id = prefill.getImageId();
        if (annotation.getReview() == ReviewState.REJECTED) {
            here.context().forward(new Record<>(id, null, timestamp));
            metrics.compared(Outcome.WITHDRAWN);
            return;
        }
        int known = here.releases()
                .release(prefill.getModelVersion())
                .map(ModelRelease::getClasses)
                .map(names -> names.size())
                .orElse(0);
        Optional<MeasuredImage> measured = MaskComparison.measure(
                id,
                prefill.getModelVersion(),
                prefill.getArm(),
                prefill.getMask(),
                annotation.getMask(),
                known,
                config.maxPixels());
        here.context().forward(new Record<>(id, measured.orElse(null), timestamp));
        metrics.compared(measured.isPresent() ? Outcome.MEASURED : Outcome.EMPTY);
    }
}
