package io.maskstream.dashboard;

import io.maskstream.dashboard.LoopSnapshot.Lag;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the loop: one consumer over its topics and one asker for offsets and lags feed a {@link LoopState}.
 *
 * <p>It reads only what was committed, belongs to no consumer group and so disturbs nobody. Of {@code images} it counts
 * offsets and reads no bytes. A record that cannot be read is counted and passed over: the stage that has to work with it
 * answers for it with a dead letter.
 */
public final class LoopView implements App {
    private static final Logger LOG = LoggerFactory.getLogger(LoopView.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE = Duration.ofSeconds(10);

    private final DashboardConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final LoopState state;
    private final Pictures pictures;
    private final DashboardMetrics metrics;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, Topic<String, ?>> byName = new HashMap<>();
    private final Map<TopicPartition, Long> liveFrom = new HashMap<>();
    private final Map<TopicPartition, Long> imagesSeen = new HashMap<>();
    private volatile Supplier<@Nullable RoundProgress> round = () -> null;
    private volatile boolean closing;
    private volatile @Nullable KafkaException failure;
    private @Nullable Thread reader;
    private @Nullable Thread asker;
    private volatile @Nullable Consumer<byte[], byte[]> consumer;

    /**
     * @param config bounds of what is kept
     * @param connection to the cluster
     * @param topics the loop's topics; those not there yet are picked up when they appear
     * @param store where images are that do not travel inline
     * @param registry takes the figures of {@link DashboardMetrics}
     */
    public LoopView(
            DashboardConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry registry) {
        this.config = config;
        this.connection = connection;
        this.topics = topics;
        PictureCache cache = new PictureCache(config.pictureCacheBytes());
        this.state = new LoopState(cache, config.labelUrl());
        this.pictures = new Pictures(cache, store, config.thumbnailPixels());
        for (Topic<String, ?> topic : topics.all()) {
            byName.put(topic.name(), topic);
        }
        this.metrics = new DashboardMetrics(
                registry, state, byName.keySet().stream().map(this::shortName).toList());
    }

    /** Lets the page show what the trainer does, where it runs in the same process; the supplier returns null when idle. */
    public void showRound(Supplier<@Nullable RoundProgress> source) {
        round = source;
    }

    @Override
    public String name() {
        return "dashboard";
    }

    /** Starts reading; returns at once. */
    @Override
    public void start() {
        reader = daemon("dashboard-reader", this::read);
        asker = daemon("dashboard-offsets", this::askForOffsets);
    }

    /** Says whether the topics are still being read. */
    @Override
    public boolean isHealthy() {
        return failure == null;
    }

    /** Returns what the page shows now. */
    public LoopSnapshot snapshot() {
        return state.snapshot(clock.instant(), round.get());
    }

    /** Returns what the chart draws. */
    public LoopChart chart() {
        return state.chart();
    }

    Pictures pictures() {
        return pictures;
    }

    @Override
    public void close() {
        closing = true;
        Consumer<byte[], byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        join(reader);
        Thread asking = asker;
        if (asking != null) {
            asking.interrupt();
        }
        join(asking);
    }

    private void read() {
        Map<String, Object> properties = connection.with(Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.CLIENT_ID_CONFIG, "maskstream-dashboard"));
        try (KafkaConsumer<byte[], byte[]> reading =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer = reading;
            long lookAgainAt = 0;
            while (!closing) {
                if (clock.millis() >= lookAgainAt) {
                    boolean all = takeNewPartitions(reading);
                    lookAgainAt = clock.millis() + (all ? 30_000 : 1_000);
                }
                if (reading.assignment().isEmpty()) {
                    Thread.sleep(POLL.toMillis());
                    continue;
                }
                for (ConsumerRecord<byte[], byte[]> polled : reading.poll(POLL)) {
                    take(polled);
                }
                noteWhenCaughtUp(reading);
            }
        } catch (WakeupException | InterruptedException e) {
            LOG.debug("the loop page stops reading");
        } catch (KafkaException e) {
            failure = e;
            LOG.error("the loop page reads no further: {}", e.getMessage(), e);
        } finally {
            consumer = null;
        }
    }

    /** Assigns partitions that were not there before, each from the start that the settings give it. */
    private boolean takeNewPartitions(Consumer<byte[], byte[]> reading) {
        var present = reading.listTopics();
        List<TopicPartition> fresh = new ArrayList<>();
        boolean all = true;
        for (String topic : byName.keySet()) {
            if (topic.equals(topics.images().name())) {
                continue;
            }
            var partitions = present.get(topic);
            all &= partitions != null;
            if (partitions != null) {
                partitions.stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .filter(p -> !liveFrom.containsKey(p))
                        .forEach(fresh::add);
            }
        }
        if (fresh.isEmpty()) {
            return all;
        }
        Map<TopicPartition, Long> begin = reading.beginningOffsets(fresh);
        Map<TopicPartition, Long> end = reading.endOffsets(fresh);
        List<TopicPartition> assigned = new ArrayList<>(reading.assignment());
        assigned.addAll(fresh);
        reading.assign(assigned);
        for (TopicPartition partition : fresh) {
            long first = begin.getOrDefault(partition, 0L);
            long last = end.getOrDefault(partition, first);
            long most = partition.topic().equals(topics.predictions().name()) ? config.pictures() : config.history();
            long start = Math.max(first, last - most);
            reading.seek(partition, start);
            liveFrom.put(partition, last);
            state.skipped(shortName(partition.topic()), start - first);
        }
        return all;
    }

    private void take(ConsumerRecord<byte[], byte[]> polled) {
        Topic<String, ?> topic = byName.get(polled.topic());
        if (topic == null) {
            return;
        }
        boolean live =
                polled.offset() >= liveFrom.getOrDefault(new TopicPartition(polled.topic(), polled.partition()), 0L);
        count(shortName(polled.topic()), 1, live);
        try {
            String key =
                    polled.key() == null ? "" : topic.key().deserializer().deserialize(polled.topic(), polled.key());
            Object value = polled.value() == null
                    ? null
                    : topic.value().deserializer().deserialize(polled.topic(), polled.value());
            if (value != null) {
                state.apply(polled.partition(), key, value);
            } else if (polled.topic().equals(topics.labelTasks().name())) {
                state.withdrawn(key);
            }
        } catch (SerializationException e) {
            count("unreadable", 1, live);
            LOG.debug("passed over {}-{}@{}", polled.topic(), polled.partition(), polled.offset(), e);
        }
    }

    private void noteWhenCaughtUp(Consumer<byte[], byte[]> reading) {
        for (TopicPartition partition : reading.assignment()) {
            if (reading.position(partition) < liveFrom.getOrDefault(partition, 0L)) {
                return;
            }
        }
        state.caughtUp();
    }

    private void askForOffsets() {
        try (Admin admin = Admin.create(connection.with(Map.of("client.id", "maskstream-dashboard-offsets")))) {
            GroupLags lags = new GroupLags(admin, byName.keySet());
            while (!closing) {
                try {
                    take(lags.ask());
                } catch (ExecutionException | TimeoutException e) {
                    LOG.debug("no offsets this time; the last ones stay on the page", e);
                }
                Thread.sleep(config.lagInterval().toMillis());
            }
        } catch (InterruptedException e) {
            LOG.debug("the loop page stops asking for offsets");
        }
    }

    private void take(GroupLags.Offsets offsets) {
        Map<String, List<Lag>> byShortName = new HashMap<>();
        offsets.lags().forEach((topic, lags) -> byShortName.put(shortName(topic), lags));
        state.lags(byShortName);
        metrics.lags(byShortName);
        String images = topics.images().name();
        offsets.end().forEach((partition, end) -> {
            if (partition.topic().equals(images)) {
                Long seen = imagesSeen.put(partition, end);
                long from = seen == null ? offsets.begin().getOrDefault(partition, 0L) : seen;
                count("images", Math.max(0, end - from), seen != null);
            }
        });
    }

    private void count(String topic, long records, boolean live) {
        state.count(topic, records, live, clock.millis());
        metrics.seen(topic, records);
    }

    private String shortName(String topic) {
        return topic.substring(topics.prefix().length());
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(@Nullable Thread thread) {
        if (thread == null) {
            return;
        }
        try {
            thread.join(CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
