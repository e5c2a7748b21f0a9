package io.maskstream.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedIndexTest {
    private static final String FIRST = "1".repeat(64);
    private static final String SECOND = "2".repeat(64);
    private static final String THIRD = "3".repeat(64);

    @TempDir
    private Path dir;

    @Test
    void remembers_whenItIsOpenedAgain() throws Exception {
        Path file = dir.resolve("deep/index.txt");
        try (PublishedIndex index = new PublishedIndex(file)) {
            assertThat(index.contains(FIRST)).isFalse();
            index.add(FIRST);
            index.add(FIRST);
        }
        try (PublishedIndex index = new PublishedIndex(file)) {
            assertThat(index.contains(FIRST)).isTrue();
            assertThat(index.contains(SECOND)).isFalse();
        }
        assertThat(Files.readAllLines(file)).containsExactly(FIRST);
    }

    @Test
    void passesOverALineThatACrashCutOff() throws Exception {
        Path file = dir.resolve("index.txt");
        try (PublishedIndex index = new PublishedIndex(file)) {
            index.add(FIRST);
        }
        Files.writeString(file, SECOND.substring(0, 20), StandardOpenOption.APPEND);
        try (PublishedIndex index = new PublishedIndex(file)) {
            index.add(THIRD);
        }
        try (PublishedIndex index = new PublishedIndex(file)) {
            assertThat(index.contains(FIRST)).isTrue();
            assertThat(index.contains(SECOND)).isFalse();
            assertThat(index.contains(THIRD)).isTrue();
        }
    }
}
