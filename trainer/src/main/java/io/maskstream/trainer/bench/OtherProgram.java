package io.maskstream.trainer.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that trains the same network with other means, one step whenever it is asked for.
 *
 * <p>The protocol: it is started as {@code COMMAND --name N --model F --batch N --height H --width W --steps N --threads T},
 * {@code F} being the starting model as ONNX. It prepares, then for every line {@code step} on its standard input does one step
 * of training (forward, cross-entropy over random pictures and classes, backward, AdamW) and writes one line of JSON,
 * {@code {"seconds": 0.123}}. It ends when its input ends. What it says on its standard error passes through.
 */
final class OtherProgram implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String command;
    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;

    OtherProgram(String command, String name, Path model, TrainerBench.Settings settings, int steps, int threads)
            throws IOException {
        this.command = command;
        List<String> words = new ArrayList<>(List.of(command.strip().split("\\s+")));
        words.addAll(List.of("--name", name, "--model", model.toString()));
        words.addAll(List.of("--batch", Integer.toString(settings.batch())));
        words.addAll(List.of("--height", Integer.toString(settings.height())));
        words.addAll(List.of("--width", Integer.toString(settings.width())));
        words.addAll(List.of("--steps", Integer.toString(steps), "--threads", Integer.toString(threads)));
        process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader();
        questions = process.outputWriter();
    }

    /** Lets it do a step and returns the seconds that it measured. */
    double step() throws IOException {
        String line = null;
        try {
            questions.write("step\n");
            questions.flush();
            line = answers.readLine();
        } catch (IOException e) {
            throw new IOException("'" + command + "' ended before its last step: " + e.getMessage(), e);
        }
        if (line == null) {
            throw new IOException(
                    "'" + command + "' ended before its last step; see what it said on its standard error");
        }
        try {
            JsonNode seconds = JSON.readTree(line).get("seconds");
            if (seconds != null && seconds.isNumber() && seconds.asDouble() > 0) {
                return seconds.asDouble();
            }
        } catch (JsonProcessingException e) {
            throw new IOException(refusal(line), e);
        }
        throw new IOException(refusal(line));
    }

    private String refusal(String line) {
        return "'" + command + "' answered '" + line + "'; expected a line such as {\"seconds\": 0.123}";
    }

    @Override
    public void close() throws IOException {
        try {
            questions.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            answers.close();
        }
    }
}
