package io.maskstream.cli.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.loop.LoopFolders;
import io.maskstream.cli.loop.LoopProcess;
import io.maskstream.cli.loop.SceneFeed;
import io.maskstream.ingest.Publisher;
import io.maskstream.labeling.AutomaticAnnotator;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.service.Settings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every series that a rule or a dashboard reads is found in the scrape of a loop that has run one round. */
class MonitoringIT {
    private static final Path MONITORING = Path.of("..", "monitoring");
    private static final int IMAGES = 24;

    @TempDir
    private Path directory;

    @Test
    void rulesAndDashboardsReadOnlySeriesThatExist() throws Exception {
        List<String> expressions = expressions();
        assertThat(expressions).hasSizeGreaterThan(30);
        Set<String> metrics = new TreeSet<>();
        expressions.forEach(expression -> metrics.addAll(Expressions.metrics(expression)));
        assertThat(metrics).contains("loop_lag", "inference_images_total", "quality_miou", "trainer_rounds_total");

        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0);
                LoopProcess loop = new LoopProcess(settings(broker.bootstrapServers()))) {
            loop.start();
            SceneFeed feed = new SceneFeed(new StreetScenes(7, 96, 128), IMAGES);
            try (Publisher publisher = new Publisher(
                            loop.settings().ingest(),
                            loop.connection(),
                            loop.topics(),
                            loop.store(),
                            loop.metrics().registry());
                    AutomaticAnnotator annotator =
                            new AutomaticAnnotator(loop.url(), AutomaticAnnotator.Settings.defaults(), feed)) {
                for (int i = 0; i < IMAGES; i++) {
                    publisher.publish(feed.image(i));
                }
                annotator.start();
                await().atMost(Duration.ofSeconds(120))
                        .pollInterval(Duration.ofSeconds(1))
                        .untilAsserted(() ->
                                assertThat(missing(expressions, scrape(loop))).isEmpty());
            }
        }
    }

    private static List<String> missing(List<String> expressions, String scrape) {
        List<String> lines =
                scrape.lines().filter(line -> !line.startsWith("#")).toList();
        Set<String> names = lines.stream().map(line -> line.split("[{ ]", 2)[0]).collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        for (String expression : expressions) {
            for (String metric : Expressions.metrics(expression)) {
                if (!names.contains(metric)) {
                    missing.add(metric + " in " + expression);
                }
            }
            Expressions.labels(expression).forEach((metric, labels) -> {
                for (String label : labels) {
                    if (lines.stream().noneMatch(line -> line.startsWith(metric + "{") && line.contains(label))) {
                        missing.add(metric + "{" + label + "} in " + expression);
                    }
                }
            });
        }
        return missing;
    }

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>(Expressions.ofRules(MONITORING.resolve("alerts.yml")));
        try (Stream<Path> dashboards = Files.list(MONITORING.resolve(Path.of("grafana", "dashboards")))) {
            for (Path dashboard : dashboards.toList()) {
                expressions.addAll(Expressions.ofDashboard(dashboard));
            }
        }
        return expressions;
    }

    private static String scrape(LoopProcess loop) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(loop.url().resolve("metrics")).build(), BodyHandlers.ofString())
                .body();
    }

    private LoopSettings settings(String bootstrapServers) {
        Map<String, String> flags = new LinkedHashMap<>(LoopFolders.under(directory));
        flags.put("kafka.bootstrap.servers", bootstrapServers);
        flags.put("http.port", "0");
        flags.put("topics.partitions", "1");
        flags.put("routing.evaluation-share", "0.3");
        flags.put("routing.cold-start-share", "1");
        ClassList classes = StreetScenes.classes();
        for (int i = 0; i < classes.size(); i++) {
            flags.put("trainer.classes[" + i + "]", classes.name(i));
        }
        flags.put("trainer.width", "64");
        flags.put("trainer.height", "48");
        flags.put("trainer.method", "supervised");
        flags.put("trainer.iterations-per-round", "3");
        flags.put("trainer.trigger-annotations", "4");
        flags.put("trainer.min-evaluation", "2");
        flags.put("trainer.debounce", "500ms");
        flags.put("trainer.cooldown", "0s");
        // A gate that every candidate passes: what is looked at is the figures, not the model.
        flags.put("trainer.gate-gain", "-1");
        flags.put("trainer.gate-tolerance", "1");
        return LoopSettings.bind(Settings.of(flags));
    }
}
