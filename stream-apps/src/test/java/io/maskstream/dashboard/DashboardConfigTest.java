package io.maskstream.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.service.Settings;
import io.maskstream.service.SettingsException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DashboardConfigTest {
    @Test
    void keepsMemoryAndLinksModest_unlessConfigured() {
        assertThat(DashboardConfig.defaults())
                .isEqualTo(new DashboardConfig(50_000, 50, 67_108_864, 256, Duration.ofSeconds(1), "/label"));
    }

    @Test
    void readsItsKeys() {
        Settings settings = Settings.of(Map.of(
                "dashboard.lag-interval", "250ms",
                "dashboard.label-url", "http://desk:8081/label"));
        DashboardConfig config = settings.bind("dashboard", DashboardConfig.class);
        settings.check();
        assertThat(config.lagInterval()).isEqualTo(Duration.ofMillis(250));
        assertThat(config.labelUrl()).isEqualTo("http://desk:8081/label");
    }

    @Test
    void namesTheKey_whenAValueCannotBe() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "dashboard.thumbnail-pixels", "4",
                        "dashboard.history", "-1",
                        "dashboard.lag-interval", "5ms",
                        "dashboard.label-url", "javascript:alert(1)")
                .entrySet()) {
            Settings settings = Settings.of(Map.of(wrong.getKey(), wrong.getValue()));
            settings.bind("dashboard", DashboardConfig.class);
            assertThatThrownBy(settings::check)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining(wrong.getKey());
        }
    }
}
