package io.maskstream.cli.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadSharesTest {
    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 1, 1",
        "2, 0, 0, 1, 1",
        "4, 0, 0, 1, 3",
        "16, 0, 0, 4, 12",
        "16, 6, 0, 6, 10",
        "16, 0, 12, 4, 12",
        "2, 0, 2, 1, 2",
        "2, 1, 2, 1, 2",
        "8, 8, 0, 8, 1"
    })
    void givesAQuarterToInference_andKeepsWhatIsSet(
            int processors, int inference, int training, int serves, int learns) {
        assertThat(ThreadShares.of(processors, inference, training)).isEqualTo(new ThreadShares(serves, learns));
    }
}
