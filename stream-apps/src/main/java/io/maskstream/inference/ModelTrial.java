package io.maskstream.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a model in a process of its own before it is let into this one, since a bad graph can crash native code.
 *
 * <p>The class path goes to the child in the environment: ONNX Runtime 1.29 crashes at load when a process's command line
 * is longer than about 3.8 KB. The child gets a temporary folder of its own, because a process that is killed leaves the
 * native libraries behind that it unpacked.
 */
final class ModelTrial {
    private static final int MOST_OUTPUT_CHARACTERS = 1_000;

    private final Duration timeout;
    private final int heapMb;
    private final String mainClass;
    private final String device;
    private final int threads;
    private final int images;

    /** A trial as the settings say. */
    ModelTrial(InferenceConfig config) {
        this(config, ModelTrialMain.class.getName());
    }

    /**
     * @param mainClass what the child runs, with the arguments of {@link ModelTrialMain}
     */
    ModelTrial(InferenceConfig config, String mainClass) {
        this.timeout = config.trialTimeout();
        this.heapMb = config.trialHeapMb();
        this.device = config.device();
        this.threads = config.threads();
        this.images = config.batchSize();
        this.mainClass = mainClass;
    }

    /**
     * Returns if the model ran.
     *
     * @throws RefusedReleaseException if it was refused, crashed the child, or took too long
     * @throws IOException if no child could be started
     */
    void run(Path model) throws RefusedReleaseException, IOException, InterruptedException {
        Path temporary = Files.createTempDirectory("maskstream-trial");
        try {
            Path output = temporary.resolve("output.txt");
            Process child = start(model, temporary, output);
            try {
                if (!child.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new RefusedReleaseException(
                            "its trial run did not end within " + timeout.toMillis() + " ms (inference.trial-timeout)");
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
            if (child.exitValue() != 0) {
                String said = tail(output);
                throw new RefusedReleaseException(
                        child.exitValue() == ModelTrialMain.REFUSED
                                ? said
                                : "its trial run crashed with exit code " + child.exitValue() + ": " + said);
            }
        } finally {
            delete(temporary);
        }
    }

    private Process start(Path model, Path temporary, Path output) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heapMb + "m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("-XX:ErrorFile=" + temporary.resolve("crash.log"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add(mainClass);
        command.add(model.toAbsolutePath().toString());
        command.add(device);
        command.add(Integer.toString(threads));
        command.add(Integer.toString(images));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("CLASSPATH", absoluteClassPath());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder.start();
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(java.io.File.pathSeparator, entries);
    }

    private static String tail(Path output) throws IOException {
        String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
        return text.length() <= MOST_OUTPUT_CHARACTERS ? text : text.substring(text.length() - MOST_OUTPUT_CHARACTERS);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
