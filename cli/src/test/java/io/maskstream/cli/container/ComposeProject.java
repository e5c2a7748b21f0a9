package io.maskstream.cli.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run of the compose file with the embedded broker in place of Kafka's image; closing it removes everything again. */
final class ComposeProject implements AutoCloseable {
    private static final Path DOCKER = Path.of("..", "docker").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final List<String> program;
    private final String name;
    private final Map<String, String> environment;
    private final DockerClient docker;

    /**
     * @param program how compose is called here
     * @param name of the project, so of its containers, networks and volumes
     * @param environment variables that the file reads
     */
    ComposeProject(List<String> program, String name, Map<String, String> environment, DockerClient docker) {
        this.program = program;
        this.name = name;
        this.environment = environment;
        this.docker = docker;
    }

    /** Returns how compose is called on this machine: the plugin of the engine's client, or the older program. */
    static Optional<List<String>> program() throws InterruptedException {
        for (List<String> candidate : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            List<String> asked = new ArrayList<>(candidate);
            asked.add("version");
            if (Command.works(asked)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Runs a compose command, and returns what it printed. */
    String call(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("-p", name));
        command.addAll(List.of("-f", DOCKER.resolve("compose.yaml").toString()));
        command.addAll(List.of("-f", DOCKER.resolve("compose.embedded-broker.yaml").toString()));
        command.addAll(List.of(arguments));
        Command.Result result = Command.run(PATIENCE, environment, command);
        if (result.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + result.exitCode() + ":\n"
                    + result.output() + "\n" + logs());
        }
        return result.output();
    }

    /** Returns the container of a service. */
    InspectContainerResponse container(String service) {
        List<Container> found = docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(
                        "com.docker.compose.project", name, "com.docker.compose.service", service))
                .exec();
        if (found.isEmpty()) {
            throw new IllegalStateException("the service " + service + " has no container");
        }
        return docker.inspectContainerCmd(found.get(0).getId()).exec();
    }

    /** Returns the address of a service in the project's network, which this machine reaches. */
    String address(String service) {
        return container(service).getNetworkSettings().getNetworks().values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the service " + service + " is in no network"))
                .getIpAddress();
    }

    /** Returns what the services wrote last. */
    String logs() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("-p", name));
        command.addAll(List.of("-f", DOCKER.resolve("compose.yaml").toString()));
        command.addAll(List.of("-f", DOCKER.resolve("compose.embedded-broker.yaml").toString()));
        command.addAll(List.of("logs", "--no-color", "--tail", "40"));
        return Command.run(Duration.ofMinutes(1), environment, command).output();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        call("down", "--volumes", "--timeout", "10", "--remove-orphans");
    }
}
