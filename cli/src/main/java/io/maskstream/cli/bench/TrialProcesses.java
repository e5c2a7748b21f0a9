package io.maskstream.cli.bench;

import io.maskstream.trainer.bench.BenchFolder;
import io.maskstream.trainer.bench.MethodTrial;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Runs trials each in a process of its own, so that the memory of one is not that of another and a crash costs one run.
 */
public final class TrialProcesses {
    private final int jobs;
    private final Path tasks;
    private final Path logs;

    /**
     * @param jobs how many run at once
     * @param tasks a folder for what passes between the processes
     * @param logs a folder for what processes that failed have said
     */
    public TrialProcesses(int jobs, Path tasks, Path logs) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.logs = logs;
    }

    /** Is told how trials go; called by several threads. */
    public interface Listener {
        /** A trial took a step. */
        void stepped(MethodTrial trial, int step);

        /** A trial's run is in its file. */
        void finished(MethodTrial trial);

        /** A trial ended without a run. */
        void failed(MethodTrial trial, String why);
    }

    /**
     * Runs trials in their order; one that fails does not keep the others from running.
     *
     * @param folder where the runs are kept
     */
    public void run(List<MethodTrial> trials, BenchFolder folder, Listener listener)
            throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (MethodTrial trial : trials) {
                running.add(pool.submit(() -> run(trial, folder.file(trial), listener)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a trial could not be started: " + e.getMessage(), e);
        } finally {
            pool.shutdownNow();
        }
    }

    private void run(MethodTrial trial, Path file, Listener listener) {
        try {
            Path task = tasks.resolve(trial.fileName());
            BenchFolder.write(task, trial);
            Path errors = Files.createDirectories(logs).resolve(trial.fileName().replace(".json", ".log"));
            Process process = start(task, file, errors);
            try {
                follow(process, trial, listener);
                int code = process.waitFor();
                if (code == 0) {
                    Files.delete(errors);
                    listener.finished(trial);
                } else {
                    listener.failed(trial, "exit code " + code + ": " + firstWords(errors) + " (" + errors + ")");
                }
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            listener.failed(trial, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void follow(Process process, MethodTrial trial, Listener listener) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.matches("step \\d{1,9}")) {
                    listener.stepped(trial, Integer.parseInt(line.substring("step ".length())));
                }
            }
        }
    }

    private static Process start(Path task, Path file, Path errors) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC", // the fewest threads and the least memory beside what is measured
                        "-XX:MaxRAMPercentage=25",
                        "-Djava.awt.headless=true",
                        MethodTrial.class.getName(),
                        task.toAbsolutePath().toString(),
                        file.toAbsolutePath().toString())
                .redirectError(errors.toFile());
        builder.environment().put("CLASSPATH", absoluteClassPath()); // a long command line kills some native libraries
        builder.environment().putIfAbsent("OMP_WAIT_POLICY", "passive");
        builder.environment().putIfAbsent("OPENBLAS_THREAD_TIMEOUT", "4");
        return builder.start();
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static String firstWords(Path errors) throws IOException {
        try (Stream<String> lines = Files.lines(errors)) {
            return lines.filter(line -> !line.isBlank()).findFirst().orElse("it said nothing");
        }
    }
}
