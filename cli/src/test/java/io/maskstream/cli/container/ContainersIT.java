package io.maskstream.cli.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.scene.StreetScenes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/**
 * The compose file's own services, apart from each other, in containers of the project's own image: a hundred published
 * images become a hundred decisions, and Prometheus has the stages' metrics.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainersIT {
    private static final int IMAGES = 100;
    private static final String TOKEN = "a-token-of-the-system-test";
    private static final List<String> STAGES = List.of("infer", "route", "label", "train-loop", "quality");

    @TempDir
    private static Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable Services services;

    @BeforeAll
    void startServices() throws Exception {
        assumeTrue(ProjectImage.engineIsThere(), "skipped: no container engine answers");
        DockerClient docker = DockerClientFactory.lazyClient();
        Optional<String> base = ProjectImage.base(docker);
        assumeTrue(base.isPresent(), "skipped: no base image on this machine; docker/README.md says how to make one");
        Optional<Path> jar = ProjectImage.jar();
        assumeTrue(jar.isPresent(), "skipped: the command line is not packaged; run mvn verify");
        String image = ProjectImage.build(base.get(), jar.get()).get();

        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path tokens = readable(Files.writeString(directory.resolve("tokens.txt"), "it:operator:" + TOKEN + "\n"));
        Path settings = readable(Files.writeString(directory.resolve("maskstream.yaml"), SETTINGS));
        Map<String, String> environment = Map.of(
                "MASKSTREAM_IMAGE",
                image,
                "MASKSTREAM_TOKENS_FILE",
                tokens.toString(),
                "MASKSTREAM_CONFIG",
                settings.toString(),
                "MASKSTREAM_LOOP_PORT",
                "0",
                "MASKSTREAM_LABEL_PORT",
                "0");
        String name = "maskstream-it-" + ProcessHandle.current().pid();
        Optional<List<String>> program = ComposeProject.program();
        services = program.isPresent()
                ? new ComposeProject(docker, name, program.get(), environment)
                : new PlainContainers(docker, name, environment);
        services.start(STAGES);
    }

    @AfterAll
    void removeServices() throws Exception {
        if (services != null) {
            services.close();
        }
    }

    @Test
    void decidesOnEveryPublishedImage_andPrometheusSeesIt() throws Exception {
        for (String stage : STAGES) {
            await(stage + " is well")
                    .atMost(Duration.ofMinutes(3))
                    .ignoreExceptions()
                    .until(() -> get(stage, "health").statusCode() == 200);
        }
        services().publish(images());
        await("decisions")
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    JsonNode edges = new ObjectMapper()
                            .readTree(get("quality", "api/loop/state").body())
                            .get("edges");
                    assertThat(edges.at("/images/total").asInt()).isEqualTo(IMAGES);
                    assertThat(edges.at("/predictions/total").asInt()).isEqualTo(IMAGES);
                    assertThat(edges.at("/decisions/total").asInt()).isEqualTo(IMAGES);
                    assertThat(edges.at("/dead-letters/total").asInt()).isZero();
                });

        assumeTrue(PrometheusProcess.isThere(), "skipped: no prometheus found; install the package prometheus");
        Map<String, String> addresses = new LinkedHashMap<>();
        STAGES.forEach(stage -> addresses.put(stage, services().address(stage)));
        try (PrometheusProcess prometheus =
                new PrometheusProcess(Files.createDirectory(directory.resolve("prometheus")), addresses)) {
            await("scrapes")
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        assertThat(prometheus.value("sum(up{job=\"maskstream\"})"))
                                .isEqualTo(STAGES.size());
                        assertThat(prometheus.value("sum(inference_images_total{outcome=\"predicted\"})"))
                                .isEqualTo(IMAGES);
                        assertThat(prometheus.value("sum(routing_decisions_total)"))
                                .isEqualTo(IMAGES);
                        assertThat(prometheus.value("max(loop_records_total{topic=\"decisions\"})"))
                                .isEqualTo(IMAGES);
                    });
        }
    }

    @Test
    void runsWithoutPrivileges_andAsksForAToken() throws Exception {
        InspectContainerResponse route = services().container("route");
        assertThat(route.getConfig().getUser()).isEqualTo("maskstream");
        assertThat(route.getHostConfig().getReadonlyRootfs()).isTrue();
        await("quality answers")
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(() -> get("quality", "health").statusCode() == 200);
        URI state = URI.create("http://" + services().address("quality") + ":8080/api/loop/state");
        HttpResponse<String> answer = client.send(HttpRequest.newBuilder(state).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(401);
        await("the engine calls it healthy").atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertThat(
                        services().container("quality").getState().getHealth().getStatus())
                .isEqualTo("healthy"));
    }

    private Services services() {
        return Objects.requireNonNull(services);
    }

    private HttpResponse<String> get(String service, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + services().address(service) + ":8080/" + path);
        return client.send(
                HttpRequest.newBuilder(uri)
                        .header("Authorization", "Bearer " + TOKEN)
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                BodyHandlers.ofString());
    }

    private Path images() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("images"));
        StreetScenes scenes = new StreetScenes(11, 96, 128);
        for (int i = 0; i < IMAGES; i++) {
            readable(Files.write(
                    folder.resolve(String.format("scene-%03d.jpg", i)),
                    ImageEncoder.jpeg(scenes.scene(i).image())));
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    /** The containers run as another user. */
    private static Path readable(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static final String SETTINGS =
            """
            topics:
              partitions: 2
            trainer:
              classes: [sky, building, road, pavement, tree, car, person, sign]
              width: 64
              height: 48
            inference:
              threads: 1
            """;
}
