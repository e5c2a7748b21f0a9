package io.maskstream.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AppRunnerTest {
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private final class Recorded implements App {
        private final String name;
        private final Runnable onStart;
        private final AtomicBoolean healthy = new AtomicBoolean(true);

        Recorded(String name, Runnable onStart) {
            this.name = name;
            this.onStart = onStart;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void start() {
            events.add("start " + name);
            onStart.run();
        }

        @Override
        public boolean isHealthy() {
            return healthy.get();
        }

        @Override
        public void close() {
            events.add("close " + name);
        }
    }

    @Test
    void closesInReverseOrder_whenStopped() {
        AppRunner[] runner = new AppRunner[1];
        Recorded first = new Recorded("first", () -> {});
        Recorded second = new Recorded("second", () -> runner[0].stop());
        runner[0] = new AppRunner(List.of(first, second));
        assertThat(runner[0].run()).isEqualTo(ExitCode.OK);
        assertThat(events).containsExactly("start first", "start second", "close second", "close first");
    }

    @Test
    void endsWithItsOwnCode_whenAStageFails() {
        Recorded healthy = new Recorded("healthy", () -> {});
        Recorded failing = new Recorded("failing", () -> {});
        failing.healthy.set(false);
        assertThat(new AppRunner(List.of(healthy, failing)).run()).isEqualTo(ExitCode.STAGE_FAILED);
        assertThat(events).endsWith("close failing", "close healthy");
    }

    @Test
    void closesWhatHasStarted_whenAStartFails() {
        Recorded first = new Recorded("first", () -> {});
        Recorded broken = new Recorded("broken", () -> {
            throw new IllegalStateException("no broker");
        });
        AppRunner runner = new AppRunner(List.of(first, broken));
        assertThatThrownBy(runner::run).hasMessage("no broker");
        assertThat(events).containsExactly("start first", "start broken", "close broken", "close first");
    }
}
