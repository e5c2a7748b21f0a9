package io.maskstream.cli.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Prometheus' own tool accepts the rules and the scrape configuration, and the rules fire when they should. */
class PromtoolTest {
    private static final Path MONITORING = Path.of("..", "monitoring");

    private Path promtool;

    @BeforeEach
    void find() {
        Optional<Path> found = Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), "skipped: no promtool found; install the package prometheus");
        promtool = found.get();
    }

    @Test
    void acceptsTheRules() throws Exception {
        run("check", "rules", "alerts.yml");
    }

    @Test
    void firesWhenItShould_andOnlyThen() throws Exception {
        run("test", "rules", "alerts.test.yml");
    }

    @Test
    void acceptsTheScrapeConfiguration() throws Exception {
        run("check", "config", "prometheus.yml");
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(promtool.toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(MONITORING.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
