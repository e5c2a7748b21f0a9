package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class InferenceConfigTest {
    @Test
    void hasTheseDefaults() {
        InferenceConfig defaults = InferenceConfig.defaults();
        assertThat(defaults.line()).isEqualTo("main");
        assertThat(defaults.device()).isEqualTo("auto");
        assertThat(defaults.batchSize()).isEqualTo(8);
        assertThat(defaults.maxWait()).isEqualTo(Duration.ofMillis(20));
        assertThat(defaults.maxInFlight()).isEqualTo(64);
        assertThat(defaults.commitInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(defaults.trialTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(defaults.group()).isEqualTo("maskstream-inference");
    }

    @Test
    void namesTheKey_whenAValueIsOutOfItsRange() {
        assertThatThrownBy(() -> with(0, 64)).hasMessage("inference.batch-size must be at least 1, not 0");
        assertThatThrownBy(() -> with(8, 4))
                .hasMessage("inference.max-in-flight must be at least the batch size 8, not 4");
        assertThatThrownBy(() -> InferenceConfig.defaults().withLine(" ")).hasMessageContaining("inference.line");
    }

    private static InferenceConfig with(int batchSize, int maxInFlight) {
        InferenceConfig defaults = InferenceConfig.defaults();
        return new InferenceConfig(
                defaults.line(),
                defaults.device(),
                defaults.form(),
                defaults.threads(),
                batchSize,
                defaults.maxWait(),
                defaults.decodeThreads(),
                defaults.encodeThreads(),
                maxInFlight,
                defaults.maxDecodedBytes(),
                defaults.maxImageBytes(),
                defaults.maxImagePixels(),
                defaults.commitInterval(),
                defaults.transactionTimeout(),
                defaults.trialTimeout(),
                defaults.trialHeapMb(),
                defaults.group(),
                defaults.instance());
    }
}
