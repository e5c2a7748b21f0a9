package io.maskstream.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.scene.SceneFolder;
import io.maskstream.segmentation.scene.StreetScenes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TrialEndTest {
    @TempDir
    Path folder;

    /** Starts a trial, as a bench does, and passes on what it says. */
    static final class Starter {
        private Starter() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            Process trial = java(MethodTrial.class, arguments);
            System.out.println("pid " + trial.pid());
            try (BufferedReader lines = lines(trial)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    System.out.println(line);
                }
            }
            System.exit(trial.waitFor());
        }
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void ends_whenTheProcessThatStartedItIsKilled() throws Exception {
        SceneFolder data = new SceneFolder(folder, new StreetScenes(9, 32, 48));
        data.write("train", 0, 6);
        data.write("val", 100, 2);
        BenchSetting setting =
                new BenchSetting(folder.toString(), "2", "light", 48, 32, 1_000_000, 2, 3e-3, 1, 0, "cpu", 1, Map.of());
        MethodTrial trial = BenchFolder.open(folder.resolve("bench"), setting)
                .trials(MethodVariant.SUPERVISED, List.of(MethodVariant.SUPERVISED), List.of(1L))
                .get(0);
        Path task = folder.resolve("task.json");
        BenchFolder.write(task, trial);

        Process starter =
                java(Starter.class, task.toString(), folder.resolve("run.json").toString());
        ProcessHandle orphan;
        try (BufferedReader lines = lines(starter)) {
            String first = lines.readLine();
            assertThat(first).startsWith("pid ");
            orphan = ProcessHandle.of(Long.parseLong(first.substring("pid ".length())))
                    .orElseThrow();
            assertThat(lines.lines().anyMatch("step 1"::equals)).isTrue();
            assertThat(orphan.isAlive()).isTrue();
            starter.destroyForcibly().waitFor();
        }
        try {
            assertThat(orphan.onExit().get(60, TimeUnit.SECONDS).isAlive()).isFalse();
            assertThat(folder.resolve("run.json")).doesNotExist();
        } finally {
            orphan.destroyForcibly();
        }
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static Process java(Class<?> main, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", main.getName());
        builder.command().addAll(List.of(arguments));
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
