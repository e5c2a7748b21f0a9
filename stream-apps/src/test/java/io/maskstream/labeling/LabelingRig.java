package io.maskstream.labeling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.FileContentStore;
import io.maskstream.service.Authenticator;
import io.maskstream.service.HttpConfig;
import io.maskstream.service.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** The label desk on a real broker behind a real HTTP server, for tests. */
final class LabelingRig implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    final Topics topics;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final LabelingConfig config;
    final LabelingApp app;
    final HttpServer server;
    private final KafkaConnection connection;
    private final HttpClient http = HttpClient.newHttpClient();

    /** An answer of the API. */
    record Answer(int status, JsonNode json) {
        String text(String field) {
            return json.path(field).asText();
        }
    }

    /** Starts a desk under its own topics, so that tests can share a broker. */
    LabelingRig(EmbeddedBroker broker, Path directory, LabelingConfig config) throws IOException {
        this(broker, directory, config, "t" + UUID.randomUUID().toString().substring(0, 8) + ".");
    }

    LabelingRig(EmbeddedBroker broker, Path directory, LabelingConfig config, String prefix) throws IOException {
        this.config = config.withStateDir(directory.resolve("state-" + prefix));
        this.connection = KafkaConnection.to(broker.bootstrapServers());
        this.topics = new Topics(prefix, 2, EventSerdes.singleObject());
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.create(
                    admin,
                    List.of(
                            topics.labelTasks(),
                            topics.labelEvents(),
                            topics.annotations(),
                            topics.models(),
                            topics.deadLetters()));
        }
        LabelingConfig own = new LabelingConfig(
                prefix + "labeling",
                config.line(),
                this.config.stateDir(),
                config.lease(),
                config.maxSkips(),
                config.expiryCheck(),
                config.answerTimeout(),
                config.commitInterval(),
                config.maxImagePixels(),
                config.classes(),
                config.palette());
        this.app =
                new LabelingApp(own, connection, topics, new FileContentStore(directory.resolve("content")), registry);
        this.server = new HttpServer(HttpConfig.defaults().withPort(0), Authenticator.open());
        LabelingRoutes.of(app).on(server);
        app.start();
        server.start();
        Awaitility.await().atMost(PATIENCE).until(app::isReady);
    }

    void release(List<String> classes) {
        send(topics.models(), "main/v1", LabelTasks.release("v1", ModelStatus.STARTING, classes, Instant.now()));
        Awaitility.await().atMost(PATIENCE).until(() -> app.desk().classes().equals(classes));
    }

    /** Puts tasks onto the topic and waits until the desk can hand them out. */
    void ask(List<LabelTask> tasks) {
        for (LabelTask task : tasks) {
            send(topics.labelTasks(), task.getTaskId(), task);
        }
        Awaitility.await().atMost(PATIENCE).until(() -> tasks.stream()
                .allMatch(task -> app.desk().task(task.getTaskId()).isPresent()));
    }

    <V> void send(Topic<String, V> topic, String key, V value) {
        try (KafkaProducer<String, V> producer = new KafkaProducer<>(
                connection.with(Map.of("max.request.size", Topics.MAX_MESSAGE_BYTES)),
                new StringSerializer(),
                topic.value().serializer())) {
            producer.send(topic.record(key, value)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("cannot write to " + topic.name(), e);
        }
    }

    Answer post(String who, String path, String id, Map<String, ?> body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path, id))
                .header(LabelingRoutes.ANNOTATOR, URLEncoder.encode(who, StandardCharsets.UTF_8))
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    Answer next(String who) throws Exception {
        return post(who, "next", "", Map.of());
    }

    HttpResponse<byte[]> get(String who, String path, String id, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path, id))
                .header(LabelingRoutes.ANNOTATOR, URLEncoder.encode(who, StandardCharsets.UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    JsonNode json(String who, String path) throws Exception {
        return JSON.readTree(get(who, path, "").body());
    }

    private URI address(String path, String id) {
        String query = id.isEmpty() ? "" : "?id=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
        return server.url().resolve("/api/label/" + path + query);
    }

    /** Returns the committed annotations, once there are at least so many. */
    List<Annotation> annotations(int least) {
        return all(topics.annotations(), least);
    }

    <V> List<V> all(Topic<String, V> topic, int least) {
        List<V> found = new ArrayList<>();
        try (KafkaConsumer<String, V> consumer = new KafkaConsumer<>(
                connection.with(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")),
                new StringDeserializer(),
                topic.value().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Instant end = Instant.now().plus(PATIENCE);
            while (found.size() < least && Instant.now().isBefore(end)) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> found.add(record.value()));
            }
            // One annotation too many would follow at once; so look a little longer.
            consumer.poll(Duration.ofMillis(500)).forEach(record -> found.add(record.value()));
        }
        return found;
    }

    @Override
    public void close() {
        server.close();
        app.close();
    }
}
