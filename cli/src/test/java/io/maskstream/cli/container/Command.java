package io.maskstream.cli.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs of the machine. */
final class Command {
    private Command() {}

    /** How a program ended; both streams in one text. */
    record Result(int exitCode, String output) {}

    /** Runs a program to its end. */
    static Result run(Duration atMost, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("maskstream-command-", ".log");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException(String.join(" ", command) + " did not end within " + atMost.toSeconds() + " s:\n"
                        + Files.readString(output, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    /** Says whether a program is there and answers to these arguments. */
    static boolean works(List<String> command) throws InterruptedException {
        try {
            return run(Duration.ofSeconds(20), Map.of(), command).exitCode() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
