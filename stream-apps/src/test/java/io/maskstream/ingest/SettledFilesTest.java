package io.maskstream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettledFilesTest {
    private static final Instant START = Instant.parse("2024-02-29T12:00:00Z");

    private final SettledFiles files = new SettledFiles(Duration.ofSeconds(2));

    @Test
    void waits_whileAFileGrows() {
        assertThat(files.settled(List.of(file("a.png", 10, 0)), START)).isEmpty();
        assertThat(files.settled(List.of(file("a.png", 20, 1)), START.plusSeconds(2)))
                .isEmpty();
        assertThat(files.settled(List.of(file("a.png", 20, 1)), START.plusSeconds(3)))
                .isEmpty();
        assertThat(files.settled(List.of(file("a.png", 20, 1)), START.plusSeconds(4)))
                .hasSize(1);
    }

    @Test
    void givesTheOldestChangeFirst_whenSeveralHaveSettled() {
        List<SettledFiles.Found> found = List.of(file("a.png", 1, 9), file("c.png", 1, 3), file("b.png", 1, 3));
        assertThat(files.settled(found, START)).isEmpty();
        assertThat(files.settled(found, START.plusSeconds(2)).stream()
                        .map(f -> f.path().toString()))
                .containsExactly("b.png", "c.png", "a.png");
    }

    @Test
    void startsAnew_whenAFileWentAwayInBetween() {
        List<SettledFiles.Found> found = List.of(file("a.png", 1, 0));
        assertThat(files.settled(found, START)).isEmpty();
        assertThat(files.settled(List.of(), START.plusSeconds(1))).isEmpty();
        assertThat(files.settled(found, START.plusSeconds(2))).isEmpty();
    }

    private static SettledFiles.Found file(String name, long size, long modified) {
        return new SettledFiles.Found(Path.of(name), size, Instant.ofEpochSecond(modified));
    }
}
