package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundStateTest {
    private static final Map<Integer, Long> OFFSETS = Map.of(0, 5L, 1, 7L);

    @TempDir
    private Path folder;

    @Test
    void namesTheVersionByAllThatDecidesTheWeights() {
        TrainLoopConfig config = LoopFixture.config(folder, "supervised", 10);
        RoundState state = RoundState.plan(config, 3, "street-r0002-x", OFFSETS, "data");

        assertThat(state.version()).matches("street-r0003-[0-9a-f]{8}");
        assertThat(RoundState.plan(config, 3, "street-r0002-x", OFFSETS, "data"))
                .isEqualTo(state);
        assertThat(RoundState.plan(config, 3, "street-r0002-x", OFFSETS, "other")
                        .version())
                .isNotEqualTo(state.version());
        assertThat(RoundState.plan(config, 3, "street-r0001-x", OFFSETS, "data").version())
                .isNotEqualTo(state.version());
        assertThat(RoundState.plan(LoopFixture.config(folder, "fixmatch", 10), 3, "street-r0002-x", OFFSETS, "data")
                        .version())
                .isNotEqualTo(state.version());
    }

    @Test
    void comesBackAsItWas_fromItsFile() throws IOException {
        Path file = folder.resolve("round.json");
        RoundState state = RoundState.plan(LoopFixture.config(folder, "supervised", 10), 3, "parent", OFFSETS, "data");
        state.write(file);

        assertThat(RoundState.read(file)).contains(state);
        assertThat(RoundState.read(folder.resolve("absent.json"))).isEmpty();
        Files.writeString(file, "{");
        assertThat(RoundState.read(file)).isEmpty();
    }

    @Test
    void saysAllThatIsWrong_whenSettingsAreImpossible() {
        TrainLoopConfig good = TrainLoopConfig.defaults();
        assertThatThrownBy(() -> new TrainLoopConfig(
                        "no blanks",
                        good.model(),
                        good.classes(),
                        good.palette(),
                        good.width(),
                        good.height(),
                        good.method(),
                        0,
                        1,
                        good.learningRate(),
                        good.warmLearningRate(),
                        good.headLearningRate(),
                        good.gradientClip(),
                        good.precision(),
                        good.options(),
                        good.reservoir(),
                        good.triggerAnnotations(),
                        good.maxInterval(),
                        good.debounce(),
                        good.cooldown(),
                        good.minEvaluation(),
                        good.maxFailures(),
                        good.checkpointEvery(),
                        good.gateGain(),
                        good.gateTolerance(),
                        good.cacheDir(),
                        good.seed(),
                        good.device(),
                        good.threads(),
                        good.forms(),
                        good.formTolerance(),
                        good.formCalibration()))
                .hasMessageContaining("line must be")
                .hasMessageContaining("iterations-per-round must be at least 1")
                .hasMessageContaining("batch must be at least 2");
    }
}
