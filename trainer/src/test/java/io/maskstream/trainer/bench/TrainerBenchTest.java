package io.maskstream.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModel;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerBenchTest {
    @TempDir
    Path folder;

    /** Many small operators gain nothing from more threads and lose much where others want the processors. */
    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    private static List<String> names() {
        return StartingModels.all().stream().map(StartingModel::name).toList();
    }

    @ParameterizedTest
    @MethodSource("names")
    void comparesTwoNetworksThatSayTheSame(String name) {
        ClassList classes = ClassList.of(List.of("sky", "road", "car"));
        torch.manual_seed(3);
        try (PointerScope scope = new PointerScope();
                GraphNetwork graph = GraphNetwork.of(StartingModels.named(name).build(classes, 41, 54, 1), Device.CPU);
                GraphNetwork weights = graph.copy()) {
            graph.train();
            Tensor images = torch.randn(2, 3, 41, 54);
            Tensor ours = graph.forward(images).logits();
            Tensor direct = DirectNetworks.named(name, weights, true).apply(images);
            assertThat(difference(ours, direct)).isLessThan(1e-5);
            graph.buffers().forEach((statistic, value) -> assertThat(difference(
                            value, Objects.requireNonNull(weights.buffers().get(statistic))))
                    .as(statistic)
                    .isLessThan(1e-5));
            ours.mul(ours).mean().backward();
            direct.mul(direct).mean().backward();
            graph.parameters().forEach((parameter, value) -> {
                Tensor other = Objects.requireNonNull(weights.parameters().get(parameter))
                        .grad();
                double size = 1 + other.abs().max().item_double();
                assertThat(difference(value.grad(), other) / size)
                        .as("gradient of %s", parameter)
                        .isLessThan(1e-3);
            });
        }
    }

    private static double difference(Tensor one, Tensor other) {
        return one.sub(other).abs().max().item_double();
    }

    @Test
    void reportsBothTimesAndTheirRatio() throws Exception {
        assertThat(TrainerBench.run("light", settings(null))).singleElement().satisfies(run -> {
            assertThat(run.ours()).isPositive();
            assertThat(run.ratio()).isEqualTo(run.ours() / run.reference());
            assertThat(run.ratio()).isBetween(run.ratioLow(), run.ratioHigh());
            assertThat(run.what()).contains("light", "batch 2", "54x41");
        });
    }

    @Test
    void asksAnotherProgramForEveryStep_whenOneIsGiven() throws Exception {
        Path program = program("while read line; do echo '{\"seconds\": 0.25}'; done");
        List<TrainerBench.Run> runs = TrainerBench.run("light", settings("sh " + program));
        assertThat(runs).hasSize(2);
        assertThat(runs.get(1).reference()).isEqualTo(0.25);
        assertThat(runs.get(1).ours()).isEqualTo(runs.get(0).ours());
    }

    @Test
    void saysWhatItExpected_whenTheOtherProgramTalksNonsense() throws Exception {
        assertThatThrownBy(() -> TrainerBench.run("light", settings("sh " + program("read line; echo 0.25"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'0.25'")
                .hasMessageContaining("\"seconds\"");
        assertThatThrownBy(() -> TrainerBench.run("light", settings("sh " + program("exit 3"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended before its last step");
    }

    @Test
    void measuresAStartingModel() throws Exception {
        ModelFigures figures = ModelFigures.measure("light", settings(null));
        assertThat(figures.name()).isEqualTo("light");
        assertThat(figures.parameters()).isBetween(60_000L, 80_000L);
        assertThat(figures.multiplyAccumulates()).isPositive();
        assertThat(figures.stepSeconds()).isPositive();
        assertThat(figures.imagesPerSecond()).isPositive();
    }

    private Path program(String script) throws IOException {
        return Files.writeString(folder.resolve("program.sh"), script);
    }

    private static TrainerBench.Settings settings(@Nullable String against) {
        return new TrainerBench.Settings(Device.CPU, 2, 41, 54, 0, 1, against);
    }
}
