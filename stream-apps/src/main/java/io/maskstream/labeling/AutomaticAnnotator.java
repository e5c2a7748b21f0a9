package io.maskstream.labeling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.service.App;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An annotator that answers label tasks from ground truth, through the same HTTP API as a person.
 *
 * <p>What it has no mask for it skips, so that a person can take it. It asks again when the desk cannot answer, under the same
 * request id; a refusal (HTTP 409) means that somebody else was faster, and it goes on.
 */
public final class AutomaticAnnotator implements App {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticAnnotator.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NO_CONTENT = 204;
    private static final int CONFLICT = 409;
    private static final int UNFIT = 422;

    private final URI server;
    private final Settings settings;
    private final GroundTruth truth;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final List<Thread> workers = new ArrayList<>();
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile @Nullable String failure;
    private volatile boolean closing;

    /**
     * How it works.
     *
     * @param name under which it annotates, where the server has no tokens
     * @param token of an annotator, where it has; else null
     * @param delay the time that it takes for each mask
     * @param parallelism how many tasks it works on at once, 1 to 16
     */
    public record Settings(String name, @Nullable String token, Duration delay, int parallelism) {
        public Settings {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("delay is " + delay + ": expected 0 or more");
            }
            if (parallelism < 1 || parallelism > 16) {
                throw new IllegalArgumentException("parallelism is " + parallelism + ": expected 1 to 16");
            }
        }

        /** Returns settings that answer at once, one task at a time. */
        public static Settings defaults() {
            return new Settings("automatic", null, Duration.ZERO, 1);
        }
    }

    /** What it did so far. */
    public record Report(long submitted, long skipped, long refused) {}

    /**
     * @param server address of the server, such as {@code http://localhost:8080/}
     * @param truth where its masks come from
     */
    public AutomaticAnnotator(URI server, Settings settings, GroundTruth truth) {
        this.server = server;
        this.settings = settings;
        this.truth = truth;
    }

    @Override
    public String name() {
        return "automatic-annotator";
    }

    @Override
    public void start() {
        for (int i = 0; i < settings.parallelism(); i++) {
            Thread worker = new Thread(this::work, "automatic-annotator-" + i);
            worker.setDaemon(true);
            workers.add(worker);
            worker.start();
        }
    }

    /** Returns what it did so far. */
    public Report report() {
        return new Report(submitted.get(), skipped.get(), refused.get());
    }

    /** Says whether it goes on; it stops when the server says that it may not annotate. */
    @Override
    public boolean isHealthy() {
        return failure == null;
    }

    @Override
    public void close() {
        closing = true;
        workers.forEach(Thread::interrupt);
        for (Thread worker : workers) {
            try {
                worker.join(PATIENCE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void work() {
        try {
            while (!closing && failure == null) {
                Answer next = post("/api/label/next", Map.of());
                if (next.status() == NO_CONTENT) {
                    Thread.sleep(PAUSE.toMillis());
                } else {
                    answer(next.json());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close() asked for it
        } catch (RuntimeException e) {
            failure = String.valueOf(e.getMessage());
            LOG.error("The automatic annotator stopped", e);
        }
    }

    private void answer(JsonNode task) throws InterruptedException {
        String taskId = task.path("taskId").asText();
        String query = "?id=" + URLEncoder.encode(taskId, StandardCharsets.UTF_8);
        Optional<Mask> mask;
        String why = "no ground truth for this image";
        try {
            mask = truth.maskOf(
                    task.path("imageId").asText(), task.path("imageSha256").asText());
        } catch (IOException e) {
            LOG.warn("The ground truth of task {} cannot be read; it is skipped", taskId, e);
            mask = Optional.empty();
            why = "the ground truth cannot be read: " + e.getMessage();
        }
        if (mask.isEmpty()) {
            count(post("/api/label/task/skip" + query, Map.of("note", why)), skipped);
            return;
        }
        Thread.sleep(settings.delay().toMillis());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("mask", Base64.getEncoder().encodeToString(GreyPng.encode(mask.get())));
        body.put("secondsSpent", settings.delay().toMillis() / 1000.0);
        Answer answer = post("/api/label/task/submit" + query, body);
        if (answer.status() == UNFIT) {
            String error = answer.json().path("error").asText();
            LOG.warn("The ground truth of task {} does not fit, so it is skipped: {}", taskId, error);
            count(post("/api/label/task/skip" + query, Map.of("note", error)), skipped);
            return;
        }
        count(answer, submitted);
    }

    private void count(Answer answer, AtomicLong done) {
        (answer.status() == CONFLICT ? refused : done).incrementAndGet();
    }

    private record Answer(int status, JsonNode json) {}

    /** Posts until the server answers; what it can never accept ends the annotator. */
    private Answer post(String path, Map<String, ?> content) throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>(content);
        body.put("requestId", UUID.randomUUID().toString());
        while (true) {
            try {
                HttpResponse<byte[]> response =
                        http.send(request(path, JSON.writeValueAsBytes(body)), HttpResponse.BodyHandlers.ofByteArray());
                int status = response.statusCode();
                if (status == CONFLICT || status == UNFIT || status < 300) {
                    return new Answer(status, JSON.readTree(response.body()));
                }
                if (status < 500) {
                    throw new IllegalStateException("POST " + path + " was answered with " + status + ": "
                            + new String(response.body(), StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                if (closing) {
                    throw new InterruptedException("closing");
                }
                LOG.debug("The label desk cannot be reached; asking again", e);
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    private HttpRequest request(String path, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header(LabelingRoutes.ANNOTATOR, URLEncoder.encode(settings.name(), StandardCharsets.UTF_8))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (settings.token() != null) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        return request.build();
    }
}
