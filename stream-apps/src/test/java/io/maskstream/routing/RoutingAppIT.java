package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.annotation;
import static io.maskstream.routing.RoutingExamples.policy;
import static io.maskstream.routing.RoutingExamples.prediction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Routing on a real broker: killed under load and started again, and changed while it runs. */
class RoutingAppIT {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration OFTEN = Duration.ofSeconds(1);
    private static EmbeddedBroker broker;

    @TempDir
    Path directory;

    private final List<Future<?>> sent = new ArrayList<>();
    private int started;
    private KafkaConnection connection;
    private Topics topics;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.temporary();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void createTopics(TestInfo test) {
        connection = KafkaConnection.to(broker.bootstrapServers());
        topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            assertThat(TopicCreation.create(admin, topics.all()).isAsLaidOut()).isTrue();
        }
    }

    @Test
    void decidesEveryImageOnce_whenKilledUnderLoadAndStartedAgain() throws IOException, InterruptedException {
        int images = 3_000;
        int kills = 0;
        Path state = directory.resolve("state");
        Process process = startProcess(state);
        try (KafkaProducer<String, byte[]> producer = producer()) {
            for (int i = 0; i < images; i++) {
                send(producer, topics.predictions(), "img-" + i, prediction("img-" + i, (i * 37 % 100) / 100.0));
                if (i == images / 3 || i == 2 * images / 3) {
                    producer.flush();
                    int enough = kills * images / 3 + 200; // so each process has done some of its own
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(100))
                            .until(() -> count(topics.decisions()) > enough);
                    process.destroyForcibly().waitFor(20, TimeUnit.SECONDS); // SIGKILL, in the middle of its work
                    kills++;
                    process = startProcess(state);
                }
            }
            producer.flush();
            await().atMost(PATIENCE).pollInterval(OFTEN).until(() -> count(topics.decisions()) >= images);

            assertThat(sent).allSatisfy(future -> assertThat(future.get()).isNotNull());
            Map<String, LabelTask> tasks = byKey(topics.labelTasks());
            for (String id : tasks.keySet()) {
                send(producer, topics.annotations(), id, annotation(id, 2));
            }
            producer.flush();
            await().atMost(PATIENCE)
                    .pollInterval(OFTEN)
                    .until(() -> humans(readAll(topics.trainingSamples())) > tasks.size() / 4);
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
            process = startProcess(state);
            await().atMost(PATIENCE)
                    .pollInterval(OFTEN)
                    .until(() -> humans(readAll(topics.trainingSamples())) >= tasks.size());

            List<ConsumerRecord<String, Decision>> decisions = readAll(topics.decisions());
            assertThat(decisions).hasSize(images);
            assertThat(keys(decisions)).hasSize(images);
            Set<String> asked = decisions.stream()
                    .filter(record -> record.value().getRoute() == Route.ASK_PERSON)
                    .map(ConsumerRecord::key)
                    .collect(Collectors.toSet());
            Set<String> learned = decisions.stream()
                    .filter(record -> record.value().getRoute() == Route.LEARN)
                    .map(ConsumerRecord::key)
                    .collect(Collectors.toSet());
            assertThat(readAll(topics.labelTasks())).hasSameSizeAs(asked);
            assertThat(tasks.keySet()).isEqualTo(asked);
            List<ConsumerRecord<String, TrainingSample>> samples = readAll(topics.trainingSamples());
            assertThat(samples).hasSize(asked.size() + learned.size());
            Set<String> both = new HashSet<>(asked);
            both.addAll(learned);
            assertThat(keys(samples)).isEqualTo(both);
            assertThat(count(topics.deadLetters())).isZero();

            long paid = decisions.stream()
                    .map(record -> record.value().getReason())
                    .filter(reason -> reason == Reason.UNCERTAIN || reason == Reason.RANDOM_ARM)
                    .count();
            assertThat(paid).isEqualTo(400); // the budget survived the kills to the token
            replaysTheSame();
        } finally {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
        assertThat(kills).isEqualTo(2);
    }

    private void replaysTheSame() {
        RoutingConfig config = RoutingProcess.config(directory);
        RoutingReplay.Report same = RoutingReplay.ofTopic(connection, topics, config.initialPolicy(), config.salt());
        assertThat(same.images()).isEqualTo(3_000);
        assertThat(same.changed()).isZero();
        RoutingPolicy generous = RoutingPolicy.newBuilder(config.initialPolicy())
                .setBurst(100_000)
                .build();
        RoutingReplay.Report other = RoutingReplay.ofTopic(connection, topics, generous, config.salt());
        assertThat(other.changed()).isPositive();
        assertThat(other.after().get(Route.ASK_PERSON))
                .isGreaterThan(other.before().get(Route.ASK_PERSON));
    }

    @Test
    void obeysTheLastSoundPolicy_afterARestart() throws IOException {
        RoutingConfig config = RoutingProcess.config(directory.resolve("state"));
        try (KafkaProducer<String, byte[]> producer = producer()) {
            try (RoutingApp app = app(config)) {
                app.start();
                await().atMost(PATIENCE).pollInterval(OFTEN).until(app::isRunning);
                send(
                        producer,
                        topics.policies(),
                        "main",
                        policy().setVersion("p2").build());
                send(
                        producer,
                        topics.policies(),
                        "main",
                        policy().setVersion("p3").setAuditShare(9).build());
                producer.flush();
                await().atMost(PATIENCE).pollInterval(OFTEN).until(() -> count(topics.deadLetters()) == 1);
                send(producer, topics.predictions(), "img-1", prediction("img-1", 0.1));
                await().atMost(PATIENCE).pollInterval(OFTEN).until(() -> count(topics.decisions()) == 1);
                assertThat(app.isHealthy()).isTrue();
            }
            try (RoutingApp app = app(config)) {
                app.start();
                send(producer, topics.predictions(), "img-1", prediction("img-1", 0.1));
                send(producer, topics.predictions(), "img-2", prediction("img-2", 0.1));
                await().atMost(PATIENCE).pollInterval(OFTEN).until(() -> count(topics.decisions()) >= 2);
                assertThat(readAll(topics.decisions()))
                        .extracting(record -> record.value().getPolicyVersion())
                        .containsExactlyInAnyOrder("p2", "p2");
                assertThat(count(topics.deadLetters())).isEqualTo(1);
            }
        }
    }

    @Test
    void saysWhatToDo_whenTopicsAreMissing() {
        RoutingApp app = new RoutingApp(
                RoutingProcess.config(directory), connection, new Topics("nowhere."), new SimpleMeterRegistry());
        assertThatThrownBy(app::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nowhere.predictions")
                .hasMessageContaining("topics create");
        assertThat(app.isHealthy()).isFalse();
        app.close();
    }

    private RoutingApp app(RoutingConfig config) {
        return new RoutingApp(config, connection, topics, new SimpleMeterRegistry());
    }

    private Process startProcess(Path state) throws IOException {
        Path arguments = Files.createTempFile(directory, "routing", ".args");
        Files.writeString(arguments, "-cp \"" + classPath() + "\"\n");
        File log = Path.of("target", "routing-process-" + ++started + ".log").toFile();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "@" + arguments,
                        RoutingProcess.class.getName(),
                        broker.bootstrapServers(),
                        topics.prefix(),
                        state.toString())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
    }

    private static String classPath() {
        String surefire = System.getProperty("surefire.test.class.path");
        return surefire == null ? System.getProperty("java.class.path") : surefire;
    }

    private KafkaProducer<String, byte[]> producer() {
        Map<String, Object> settings =
                connection.with(Map.of("linger.ms", 5, "max.request.size", Topics.MAX_MESSAGE_BYTES));
        return new KafkaProducer<>(settings, topics.images().key().serializer(), new ByteArraySerializer());
    }

    private <V> void send(KafkaProducer<String, byte[]> producer, Topic<String, V> topic, String key, V value) {
        byte[] bytes = topic.value().serializer().serialize(topic.name(), value);
        sent.add(producer.send(new ProducerRecord<>(topic.name(), key, bytes)));
    }

    private static long humans(List<ConsumerRecord<String, TrainingSample>> samples) {
        return samples.stream()
                .filter(record -> record.value().getOrigin() == Origin.HUMAN)
                .count();
    }

    private static <V> Set<String> keys(List<ConsumerRecord<String, V>> records) {
        return records.stream().map(ConsumerRecord::key).collect(Collectors.toSet());
    }

    private <V> Map<String, V> byKey(Topic<String, V> topic) {
        Map<String, V> values = new HashMap<>();
        readAll(topic).forEach(record -> values.put(record.key(), record.value()));
        return values;
    }

    private long count(Topic<String, ?> topic) {
        return read(topic, records -> (long) records.size());
    }

    private <V> List<ConsumerRecord<String, V>> readAll(Topic<String, V> topic) {
        return read(topic, Function.identity());
    }

    /** Reads what is committed now, from the beginning. */
    private <V, R> R read(Topic<String, V> topic, Function<List<ConsumerRecord<String, V>>, R> result) {
        Map<String, Object> settings = connection.with(Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed", ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000));
        try (KafkaConsumer<String, V> consumer = new KafkaConsumer<>(
                settings, topic.key().deserializer(), topic.value().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, V>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return result.apply(records);
        }
    }
}
