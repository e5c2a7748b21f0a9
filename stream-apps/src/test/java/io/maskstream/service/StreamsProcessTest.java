package io.maskstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.service.StreamsProcess.FailureCount;
import io.maskstream.service.StreamsProcess.Shape;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StreamsProcessTest {
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    @Test
    void bearsSoManyFailuresAndNoMore_whenTheyLieCloseTogether() {
        FailureCount failures = new FailureCount(clock, 2, Duration.ofMinutes(10));
        assertThat(failures.bear()).isTrue();
        assertThat(failures.bear()).isTrue();
        assertThat(failures.bear()).isFalse();
    }

    @Test
    void forgetsFailures_whenTheyAreLongPast() {
        FailureCount failures = new FailureCount(clock, 1, Duration.ofMinutes(10));
        assertThat(failures.bear()).isTrue();
        now = now.plus(Duration.ofMinutes(11));
        assertThat(failures.bear()).isTrue();
        assertThat(failures.bear()).isFalse();
    }

    @Test
    void runsExactlyOnceWithNamedResources() {
        Properties properties = StreamsProcess.properties(
                new Shape("routing", "app", Path.of("state"), Duration.ofMillis(150), 3),
                KafkaConnection.to("broker:9092"));
        assertThat(properties)
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("ensure.explicit.internal.resource.naming", true)
                .containsEntry("application.id", "app")
                .containsEntry("commit.interval.ms", 150L)
                .containsEntry("num.stream.threads", 3)
                .containsEntry("bootstrap.servers", "broker:9092");
    }
}
