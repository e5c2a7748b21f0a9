package io.maskstream.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelingConfigTest {

    @Test
    void hasTheDefaultsThatItSays() {
        assertThat(LabelingConfig.defaults())
                .isEqualTo(new LabelingConfig(
                        "maskstream-labeling",
                        "main",
                        Path.of("data", "labeling"),
                        Duration.ofMinutes(10),
                        3,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(100),
                        100_000_000L,
                        List.of(),
                        List.of()));
    }

    @Test
    void namesEveryKeyThatIsWrong() {
        assertThatThrownBy(() -> new LabelingConfig(
                        " ",
                        "",
                        Path.of("x"),
                        Duration.ofMillis(1),
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        List.of("road", "road"),
                        List.of("red")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("labeling.application-id is empty")
                .hasMessageContaining("labeling.line is empty")
                .hasMessageContaining("labeling.lease is PT0.001S: expected PT1S or more")
                .hasMessageContaining("labeling.expiry-check")
                .hasMessageContaining("labeling.answer-timeout")
                .hasMessageContaining("labeling.commit-interval")
                .hasMessageContaining("labeling.max-skips is 0")
                .hasMessageContaining("labeling.max-image-pixels is 0")
                .hasMessageContaining("labeling.classes names a class twice")
                .hasMessageContaining("labeling.palette holds 'red'");
    }
}
