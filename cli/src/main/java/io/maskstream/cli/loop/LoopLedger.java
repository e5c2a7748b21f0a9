package io.maskstream.cli.loop;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The books of the loop: reads its topics from their start, only what was committed, and counts every image by its id.
 *
 * <p>It takes nobody's word for it. An image is lost if it was published and neither decided nor in the dead letters, if it
 * was to be learned from, or was annotated, and there is no training sample, or if a person was to be asked and there is no
 * task. An image is duplicated by every decision, training sample or prediction after its first.
 */
public final class LoopLedger implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Topics topics;
    private final Consumer<String, byte[]> consumer;
    private final Thread reader;
    private final Map<String, ImageAccount> accounts = new HashMap<>();
    private final Map<Reason, Integer> byReason = new HashMap<>();
    private long deadLettered;
    private long deferred;
    private long toLearn;
    private long toPeople;
    private long audits;
    private long randomArm;
    private long seeds;
    private long evaluationSeeds;
    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    /** Starts reading; {@link #totals} may be asked for at once. */
    public LoopLedger(KafkaConnection connection, Topics topics) {
        this.topics = topics;
        this.consumer = new KafkaConsumer<>(
                connection.with(Map.of(
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        "false",
                        "fetch.max.bytes",
                        Integer.toString(Topics.MAX_MESSAGE_BYTES))),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = List.of(
                        topics.images(),
                        topics.predictions(),
                        topics.decisions(),
                        topics.labelTasks(),
                        topics.annotations(),
                        topics.trainingSamples(),
                        topics.deadLetters())
                .stream()
                .flatMap(topic -> consumer.partitionsFor(topic.name(), PATIENCE).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition())))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        this.reader = new Thread(this::read, "ledger");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try {
            while (!closing) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    count(record);
                }
            }
        } catch (WakeupException e) {
            if (!closing) {
                failure = e;
            }
        } catch (KafkaException e) {
            failure = e;
        } finally {
            consumer.close();
        }
    }

    private synchronized void count(ConsumerRecord<String, byte[]> record) {
        String topic = record.topic();
        if (topic.equals(topics.images().name())) {
            account(record.key()).published++;
        } else if (topic.equals(topics.predictions().name())) {
            account(record.key()).predicted++;
        } else if (topic.equals(topics.decisions().name())) {
            decided(value(topics.decisions(), record));
        } else if (topic.equals(topics.labelTasks().name())) {
            LabelTask task = record.value() == null ? null : value(topics.labelTasks(), record);
            if (task != null) {
                account(task.getImageId()).tasks++;
            }
        } else if (topic.equals(topics.annotations().name())) {
            Annotation annotation = value(topics.annotations(), record);
            account(annotation.getImageId()).annotations++;
        } else if (topic.equals(topics.trainingSamples().name())) {
            sampled(value(topics.trainingSamples(), record));
        } else if (topic.equals(topics.deadLetters().name())) {
            DeadLetter letter = value(topics.deadLetters(), record);
            deadLettered++;
            if (letter.getTopic().equals(topics.images().name())
                    || letter.getTopic().equals(topics.predictions().name())) {
                account(keyOf(letter)).deadLetters++;
            }
        }
    }

    private void decided(Decision decision) {
        ImageAccount account = account(decision.getImageId());
        account.decisions++;
        account.route = decision.getRoute();
        byReason.merge(decision.getReason(), 1, Integer::sum);
        if (decision.getRoute() == Route.LEARN) {
            toLearn++;
        } else if (decision.getRoute() == Route.ASK_PERSON) {
            toPeople++;
        } else {
            deferred++;
        }
        if (decision.getReason() == Reason.AUDIT) {
            audits++;
        }
        if (decision.getReason() == Reason.RANDOM_ARM) {
            randomArm++;
        }
    }

    private void sampled(TrainingSample sample) {
        if (sample.getReason() == Reason.SEED) {
            if (sample.getSplit() == Split.EVALUATION) {
                evaluationSeeds++;
            } else {
                seeds++;
            }
            return;
        }
        ImageAccount account = account(sample.getImageId());
        account.samples++;
        if (sample.getOrigin() == Origin.HUMAN) {
            account.humanSamples++;
        }
    }

    private ImageAccount account(String id) {
        return accounts.computeIfAbsent(id, key -> new ImageAccount());
    }

    private static String keyOf(DeadLetter letter) {
        java.nio.ByteBuffer key = letter.getKey();
        return key == null
                ? ""
                : java.nio.charset.StandardCharsets.UTF_8
                        .decode(key.duplicate())
                        .toString();
    }

    private static <V> V value(Topic<String, V> topic, ConsumerRecord<String, byte[]> record) {
        return topic.value().deserializer().deserialize(record.topic(), record.headers(), record.value());
    }

    /** What was counted of one image. */
    private static final class ImageAccount {
        private int published;
        private int predicted;
        private int decisions;
        private int tasks;
        private int annotations;
        private int samples;
        private int humanSamples;
        private int deadLetters;
        private @Nullable Route route;

        private boolean isLost() {
            if (deadLetters > 0) {
                return false;
            }
            boolean undecided = published > 0 && decisions == 0;
            boolean unlearned = route == Route.LEARN && samples == 0;
            boolean unasked = route == Route.ASK_PERSON && tasks == 0;
            boolean unused = annotations > 0 && humanSamples == 0;
            return undecided || unlearned || unasked || unused;
        }

        private int duplicates() {
            // An image that was published twice is rightly predicted twice, and still decided once.
            int predictions = Math.max(0, predicted - Math.max(1, published));
            return predictions + Math.max(0, decisions - 1) + Math.max(0, samples - 1);
        }
    }

    /**
     * The books at one moment.
     *
     * @param published image ids on {@code images}
     * @param predicted image ids on {@code predictions}
     * @param decided image ids on {@code decisions}
     * @param deadLettered records on {@code dead-letters}
     * @param human decisions to ask a person
     * @param training decisions to learn
     * @param audit decisions of the audit
     * @param randomArm decisions of the random arm
     * @param deferred decisions to set aside
     * @param annotations image ids with an annotation
     * @param trainingSamples training samples that routing sent
     * @param seeds labelled images that were sent to training directly
     * @param evaluationSeeds labelled images that were sent to the evaluation split directly
     * @param openTasks image ids with a task and no annotation
     * @param lost image ids that went missing, or are still on their way
     * @param duplicated records too many
     * @param byReason decisions by reason
     */
    public record Totals(
            int published,
            int predicted,
            int decided,
            long deadLettered,
            long human,
            long training,
            long audit,
            long randomArm,
            long deferred,
            int annotations,
            int trainingSamples,
            long seeds,
            long evaluationSeeds,
            int openTasks,
            int lost,
            int duplicated,
            Map<Reason, Integer> byReason) {
        public Totals {
            byReason = Map.copyOf(byReason);
        }
    }

    /**
     * Returns what was counted so far.
     *
     * @throws IllegalStateException if reading failed; then there are no books
     */
    public synchronized Totals totals() {
        if (failure != null) {
            throw new IllegalStateException("the ledger could not read the topics: " + failure.getMessage(), failure);
        }
        int published = 0;
        int predicted = 0;
        int decided = 0;
        int annotated = 0;
        int samples = 0;
        int open = 0;
        int lost = 0;
        int duplicated = 0;
        for (ImageAccount account : accounts.values()) {
            published += account.published > 0 ? 1 : 0;
            predicted += account.predicted > 0 ? 1 : 0;
            decided += account.decisions > 0 ? 1 : 0;
            annotated += account.annotations > 0 ? 1 : 0;
            samples += account.samples;
            open += account.tasks > 0 && account.annotations == 0 ? 1 : 0;
            lost += account.isLost() ? 1 : 0;
            duplicated += account.duplicates();
        }
        return new Totals(
                published,
                predicted,
                decided,
                deadLettered,
                toPeople,
                toLearn,
                audits,
                randomArm,
                deferred,
                annotated,
                samples,
                seeds,
                evaluationSeeds,
                open,
                lost,
                duplicated,
                byReason);
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            reader.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
