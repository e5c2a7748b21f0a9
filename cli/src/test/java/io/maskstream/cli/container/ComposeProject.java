package io.maskstream.cli.container;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The compose file run by compose itself. */
final class ComposeProject extends Services {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final List<String> program;
    private final Map<String, String> environment;

    /**
     * @param program how compose is called here
     * @param name of the project, so of its containers, networks and volumes
     * @param environment variables that the file reads
     */
    ComposeProject(DockerClient docker, String name, List<String> program, Map<String, String> environment) {
        super(docker, name);
        this.program = program;
        this.environment = environment;
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

    @Override
    void start(List<String> services) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("up", "-d"));
        arguments.addAll(services);
        call(arguments);
    }

    @Override
    void publish(Path images) throws IOException, InterruptedException {
        call(List.of("run", "--rm", "-T", "-v", images + ":/images:ro", "publish", "/images"));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        call(List.of("down", "--volumes", "--timeout", "10", "--remove-orphans"));
    }

    private void call(List<String> arguments) throws IOException, InterruptedException {
        Command.Result result = Command.run(PATIENCE, environment, command(arguments));
        if (result.exitCode() != 0) {
            Command.Result logs =
                    Command.run(PATIENCE, environment, command(List.of("logs", "--no-color", "--tail", "40")));
            throw new IOException(String.join(" ", arguments) + " ended with " + result.exitCode() + ":\n"
                    + result.output() + "\n" + logs.output());
        }
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("-p", name));
        for (Path file : ComposeFile.FILES) {
            command.addAll(List.of("-f", file.toString()));
        }
        command.addAll(arguments);
        return command;
    }
}
