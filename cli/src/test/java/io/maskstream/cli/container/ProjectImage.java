package io.maskstream.cli.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** The image built from {@code docker/Dockerfile} and the jars of this build. */
final class ProjectImage {
    static final String NAME = "maskstream-it:latest";

    /** Made from Debian packages where no registry can be reached; {@code docker/README.md} says how. */
    private static final String LOCAL_BASE = "maskstream-base:local";

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path TARGET = ROOT.resolve(Path.of("cli", "target"));

    private ProjectImage() {}

    /** Returns the base image to build on, if there is one on this machine: named by the environment, or the local one. */
    static Optional<String> base(DockerClient docker) {
        String named = System.getenv("MASKSTREAM_BASE_IMAGE");
        return Stream.of(named == null ? "" : named, LOCAL_BASE, "eclipse-temurin:17-jre")
                .filter(image -> !image.isEmpty() && exists(docker, image))
                .findFirst();
    }

    /** Returns the jar of the command line, if this build has packaged it. */
    static Optional<Path> jar() throws IOException {
        if (!Files.isDirectory(TARGET.resolve("lib"))) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(TARGET)) {
            List<Path> jars = files.filter(file -> file.getFileName().toString().matches("cli-[0-9].*\\.jar"))
                    .filter(file -> !file.toString().endsWith("-tests.jar"))
                    .toList();
            return jars.stream().findFirst();
        }
    }

    /** Builds the image. */
    static Future<String> build(String base, Path jar) {
        return new ImageFromDockerfile(NAME, false)
                .withFileFromPath("Dockerfile", ROOT.resolve(Path.of("docker", "Dockerfile")))
                .withFileFromPath("docker", ROOT.resolve("docker"))
                .withFileFromPath("cli/target/lib", TARGET.resolve("lib"))
                .withFileFromPath("cli/target/" + jar.getFileName(), jar)
                .withBuildArg("BASE_IMAGE", base);
    }

    private static boolean exists(DockerClient docker, String image) {
        try {
            docker.inspectImageCmd(image).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    static boolean engineIsThere() {
        return DockerClientFactory.instance().isDockerAvailable();
    }
}
