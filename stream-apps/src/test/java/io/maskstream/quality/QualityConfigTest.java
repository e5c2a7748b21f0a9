package io.maskstream.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QualityConfigTest {
    @Test
    void keepsFiveHundredImagesOfFiveVersions_byDefault() {
        QualityConfig config = QualityConfig.defaults();
        assertThat(config.applicationId()).isEqualTo("maskstream-quality");
        assertThat(config.window()).isEqualTo(500);
        assertThat(config.versions()).isEqualTo(5);
        assertThat(config.reportInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.line()).isEqualTo("main");
    }

    @Test
    void namesTheKey_whenAValueIsOutOfRange() {
        QualityConfig usual = QualityConfig.defaults();
        assertThatThrownBy(() -> new QualityConfig(
                        usual.applicationId(),
                        usual.stateDir(),
                        usual.commitInterval(),
                        usual.line(),
                        0,
                        usual.versions(),
                        usual.reportInterval(),
                        usual.maxPixels()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("quality.window");
    }
}
