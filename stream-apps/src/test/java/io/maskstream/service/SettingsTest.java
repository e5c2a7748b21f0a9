package io.maskstream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path directory;

    enum Order {
        NEWEST_FIRST,
        OLDEST_FIRST
    }

    record Inner(double share, boolean enabled) {
        static Inner defaults() {
            return new Inner(0.5, true);
        }
    }

    record Example(
            Path modelCache,
            int batchSize,
            long maxBytes,
            Duration maxWait,
            Order order,
            List<String> names,
            Map<String, String> extra,
            Inner inner,
            @Nullable String line) {
        Example {
            if (batchSize < 1) {
                throw new IllegalArgumentException("example.batch-size must be at least 1, not " + batchSize);
            }
        }

        static Example defaults() {
            return new Example(
                    Path.of("cache"),
                    8,
                    1L << 40,
                    Duration.ofSeconds(1),
                    Order.OLDEST_FIRST,
                    List.of("a"),
                    Map.of(),
                    Inner.defaults(),
                    "default");
        }
    }

    @Test
    void givesTheDefaults_whenNothingIsSet() {
        Settings settings = Settings.of(Map.of());
        assertThat(settings.bind("example", Example.class)).isEqualTo(Example.defaults());
        settings.check();
    }

    @Test
    void readsEveryType_whenTheyAreInTheFile() throws Exception {
        Settings settings = Settings.load(
                yaml(
                        """
                example:
                  model-cache: /models
                  batch-size: 16
                  max-bytes: 1_000
                  max-wait: 250ms
                  order: newest-first
                  names: [b, c]
                  extra:
                    some.key: value
                  inner:
                    share: 0.25
                    enabled: false
                """),
                Map.of(),
                Map.of());
        assertThat(settings.bind("example", Example.class))
                .isEqualTo(new Example(
                        Path.of("/models"),
                        16,
                        1000,
                        Duration.ofMillis(250),
                        Order.NEWEST_FIRST,
                        List.of("b", "c"),
                        Map.of("some.key", "value"),
                        new Inner(0.25, false),
                        "default"));
        settings.check();
    }

    @Test
    void prefersFlagsThenEnvironmentThenFile_whenAKeyIsInSeveral() throws Exception {
        Path file = yaml("example:\n  batch-size: 1\n  max-bytes: 1\n  max-wait: 1s\n");
        Settings settings = Settings.load(
                file,
                Map.of("MASKSTREAM_EXAMPLE_BATCH_SIZE", "2", "MASKSTREAM_EXAMPLE_MAX_BYTES", "2", "PATH", "/bin"),
                Map.of("example.batch-size", "3"));
        Example bound = settings.bind("example", Example.class);
        assertThat(bound.batchSize()).isEqualTo(3);
        assertThat(bound.maxBytes()).isEqualTo(2);
        assertThat(bound.maxWait()).isEqualTo(Duration.ofSeconds(1));
        settings.check();
    }

    @Test
    void reportsAllProblemsAtOnce_whenThereAreSeveral() throws Exception {
        Settings settings = Settings.load(
                yaml("example:\n  batch-sise: 4\n  max-wait: soon\n  inner:\n    share: half\n  order: random\n"),
                Map.of("MASKSTREAM_EXAMPLE_MAXWAIT", "1s"),
                Map.of());
        settings.bind("example", Example.class);
        assertThatThrownBy(settings::check)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("example.batch-sise: there is no such setting; did you mean example.batch-size?")
                .hasMessageContaining("example.max-wait: expected a duration")
                .hasMessageContaining("example.inner.share: expected a number, found \"half\"")
                .hasMessageContaining("example.order: expected one of newest-first, oldest-first")
                .hasMessageContaining("MASKSTREAM_EXAMPLE_MAXWAIT: there is no such setting;"
                        + " did you mean MASKSTREAM_EXAMPLE_MAX_WAIT?");
    }

    @Test
    void reportsWhatTheRecordRefuses_whenAValueIsOutOfRange() {
        Settings settings = Settings.of(Map.of("example.batch-size", "0"));
        settings.bind("example", Example.class);
        assertThatThrownBy(settings::check).hasMessageContaining("example.batch-size must be at least 1, not 0");
    }

    @Test
    void acceptsTheKeysOfOtherStages_whenTheyWereDeclared() throws Exception {
        Settings settings = Settings.load(yaml("example:\n  batch-size: 4\nother:\n  share: 1\n"), Map.of(), Map.of());
        settings.declare("other", Inner.class);
        settings.bind("example", Example.class);
        settings.check();
    }

    @Test
    void takesAnyKey_whenASectionIsAMap() throws Exception {
        Settings settings = Settings.load(
                yaml("kafka:\n  bootstrap.servers: a:1\n  security:\n    protocol: SSL\n"),
                Map.of("MASKSTREAM_KAFKA_BOOTSTRAP_SERVERS", "b:2"),
                Map.of());
        assertThat(settings.map("kafka"))
                .containsExactly(Map.entry("bootstrap.servers", "b:2"), Map.entry("security.protocol", "SSL"));
        settings.check();
    }

    @Test
    void takesAnEmptyValueForNone_whenTheComponentMayBeNull() {
        Settings settings = Settings.of(Map.of("example.line", " "));
        assertThat(settings.bind("example", Example.class).line()).isNull();
        settings.check();
    }

    @Test
    void saysSo_whenTheFileIsNoYaml() throws Exception {
        Path file = yaml("example: [1, 2\n");
        assertThatThrownBy(() -> Settings.load(file, Map.of(), Map.of())).hasMessageContaining("is not YAML");
    }

    private Path yaml(String text) throws Exception {
        return Files.writeString(directory.resolve("maskstream.yaml"), text);
    }
}
