package io.maskstream.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.scene.SceneFolder;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.run.TrainProgress;
import io.maskstream.trainer.run.TrainReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real trainings on generated scenes, as few and short as show what a bench does, and its figures on known numbers. */
class MethodBenchTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(9, HEIGHT, WIDTH);

    @TempDir
    private Path folder;

    @Test
    void comparesWhatWasTrained_andGoesOnFromWhatIsThere() throws IOException {
        SceneFolder data = new SceneFolder(folder, SCENES);
        data.write("train", 0, 6);
        data.write("val", 100, 3);
        Path out = folder.resolve("bench");
        BenchFolder bench = BenchFolder.open(out, setting(folder, 4));
        List<MethodTrial> trials = bench.trials(
                MethodVariant.SUPERVISED,
                MethodVariant.list("fixmatch:threshold=0", MethodVariant.SUPERVISED),
                List.of(1L));
        assertThat(trials)
                .extracting(trial -> trial.variant() + " " + trial.labels())
                .containsExactly("supervised 2", "supervised all", "fixmatch:threshold=0.0 2");
        List<MethodRun> runs = new ArrayList<>();
        for (MethodTrial trial : trials) {
            assertThat(bench.find(trial)).isEmpty();
            BenchFolder.write(bench.file(trial), trial.run(TrainProgress.SILENT));
            runs.add(bench.find(trial).orElseThrow());
        }

        assertThat(runs).extracting(MethodRun::labelled).containsExactly(2, 6, 2);
        assertThat(runs.get(2).unlabelled()).isEqualTo(4);
        assertThat(runs.get(0).taught()).isEmpty();
        LabelCurve.Window taught = runs.get(2).taughtTogether().get(0);
        assertThat(taught.coverage()).isBetween(0.8, 1.0); // every pixel but padding
        assertThat(taught.precision()).isBetween(0.0, 1.0);
        assertThat(runs.get(2).perImage()).hasSize(3);
        MethodComparison comparison = MethodComparison.of(MethodVariant.SUPERVISED, runs);
        assertThat(comparison.rows())
                .extracting(MethodComparison.Row::method)
                .containsExactly("supervised", "fixmatch:threshold=0.0");
        assertThat(comparison.supervised()).isCloseTo(runs.get(0).validation().miou(), within(1e-12));
        assertThat(comparison.rows().get(0).gain()).isZero();
        assertThat(comparison.rows().get(1).gain())
                .isCloseTo(
                        runs.get(2).validation().miou()
                                - runs.get(0).validation().miou(),
                        within(1e-12));
        assertThat(comparison.verdict()).contains("fixmatch:threshold=0.0 (").contains("single seed");

        BenchFolder again = BenchFolder.open(out, setting(folder, 4));
        assertThat(again.find(trials.get(2))).isPresent();
        assertThat(again.renew(trials)).isEmpty();
        assertThatThrownBy(() -> BenchFolder.open(out, setting(folder, 5)))
                .hasMessageContaining("iterations was 4 and is now 5")
                .hasMessageContaining("another folder");
    }

    @Test
    void pairsSeedBySeed_andSaysWhatIsBeyondTheInterval() {
        List<MethodRun> runs = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            runs.add(run("supervised", "2", seed, 3 + seed));
            runs.add(run("supervised", BenchSetting.ALL, seed, 6 + seed));
            runs.add(run("fixmatch", "2", seed, 5 + seed));
            runs.add(run("mean-teacher", "2", seed, seed == 2 ? 5 : 3 + 2 * (seed / 2)));
            runs.add(run("pseudo-label", "2", seed, 1 + seed));
        }
        runs.add(run("fixmatch", "2", 4, 0)); // no supervised run of that seed to compare with

        MethodComparison comparison = MethodComparison.of(MethodVariant.SUPERVISED, runs);

        assertThat(comparison.rows())
                .extracting(MethodComparison.Row::method)
                .containsExactly("supervised", "fixmatch", "mean-teacher", "pseudo-label");
        MethodComparison.Row fixmatch = comparison.rows().get(1);
        double gain = mean(6, 7, 8) - mean(4, 5, 6);
        assertThat(fixmatch.seeds()).isEqualTo(3);
        assertThat(fixmatch.gain()).isCloseTo(gain, within(1e-12));
        assertThat(fixmatch.gapClosed()).isCloseTo(gain / (mean(7, 8, 9) - mean(4, 5, 6)), within(1e-12));
        assertThat(fixmatch.isBetter()).isTrue();
        assertThat(comparison.verdict())
                .matches("Better than supervised beyond the 95 % interval: fixmatch \\(\\+0\\.\\d+\\)\\."
                        + " Not distinguishable: mean-teacher \\(.*\\)\\. Worse: pseudo-label \\(-0\\.\\d+\\)\\.");
    }

    @Test
    void holdsMethodsAgainstSupervisedWithAnOption_soThatTheGainIsTheirs() {
        String steady = "supervised:steady-average=1.0";
        List<MethodRun> runs = List.of(
                run(steady, "2", 1, 5),
                run(steady, BenchSetting.ALL, 1, 8),
                run("supervised", "2", 1, 4),
                run("fixmatch:steady-average=1.0", "2", 1, 6));

        MethodComparison comparison = MethodComparison.of(MethodVariant.reference("supervised:steady-average=1"), runs);

        assertThat(comparison.rows())
                .extracting(MethodComparison.Row::method)
                .containsExactly(steady, "fixmatch:steady-average=1.0", "supervised");
        double gain = miou(6) - miou(5);
        assertThat(comparison.rows().get(1).gain()).isCloseTo(gain, within(1e-12));
        assertThat(comparison.rows().get(1).gapClosed()).isCloseTo(gain / (miou(8) - miou(5)), within(1e-12));
        assertThat(comparison.verdict()).startsWith("Better than " + steady).contains("Worse: supervised (-0.");
        assertThatThrownBy(() -> MethodComparison.of(MethodVariant.SUPERVISED, runs.subList(0, 2)))
                .hasMessageContaining("no run of supervised has finished");
        assertThatThrownBy(() -> MethodVariant.reference("fixmatch"))
                .hasMessageContaining("supervised:steady-average=1")
                .hasMessageContaining("not against fixmatch");
    }

    @Test
    void countsWhatIsTaughtByItsWeight_whereTheTruthIsKnown() {
        LabelRecorder recorder = new LabelRecorder(2, 4);
        try (PointerScope scope = new PointerScope()) {
            Tensor hard = labels(0, 0, 1, 255);
            PseudoLabel taught = new PseudoLabel(
                    hard,
                    torch.ones(new long[] {1, 1, 4}),
                    null,
                    torch.tensor(new float[] {1, 0.5f, 1, 0}).reshape(1, 1, 4),
                    torch.ones(new long[] {1, 1, 4}).to(torch.ScalarType.Bool),
                    new LabelSource("teacher", "", 1));
            recorder.taught("unlabelled", taught, PseudoLabel.human(labels(0, 1, 255, 1)), new Progress(0, 4, 1));
        }

        LabelCurve.Window window = recorder.curves().get(0).windows().get(0);

        assertThat(window.kept()).containsExactly(1.5, 0.0);
        assertThat(window.right()).containsExactly(1.0, 0.0);
        assertThat(window.covered()).containsExactly(1.0, 0.5);
        assertThat(window.truth()).containsExactly(1.0, 2.0);
        assertThat(window.precision()).isCloseTo(2 / 3.0, within(1e-6));
        assertThat(window.coverage()).isCloseTo(0.5, within(1e-6));
        assertThat(window.precision(1)).isNaN();
    }

    @Test
    void readsMethodsWithOptions_andSaysWhatThereIs() {
        assertThat(MethodVariant.list("fixmatch,fixmatch:ramp=0.2:threshold=0.8,fixmatch", MethodVariant.SUPERVISED))
                .extracting(MethodVariant::toString)
                .containsExactly("supervised", "fixmatch", "fixmatch:ramp=0.2:threshold=0.8");
        assertThat(MethodVariant.list("all", MethodVariant.SUPERVISED)).hasSizeGreaterThan(3);
        assertThat(MethodVariant.parse("fixmatch:threshold=0.8").with(Map.of("threshold", 0.5, "other", 1.0)))
                .containsExactly(Map.entry("threshold", 0.8));
        assertThat(MethodVariant.parse("fixmatch:threshold=0.8").recipe(Map.of()))
                .contains("0.8")
                .contains("class-balance=0.5")
                .doesNotContain("wait=", "spare-classifier=")
                .isNotEqualTo(MethodVariant.parse("fixmatch").recipe(Map.of()));
        assertThat(MethodVariant.parse("fixmatch").recipe(Map.of("wait", 0.3))).contains("wait=0.3");
        assertThatThrownBy(() -> MethodVariant.parse("magic")).hasMessageContaining("supervised");
        assertThatThrownBy(() -> MethodVariant.parse("fixmatch:magic=1")).hasMessageContaining("threshold");
        assertThatThrownBy(() -> MethodVariant.parse("fixmatch:0.8")).hasMessageContaining("threshold=0.8");
        assertThatThrownBy(() ->
                        new BenchSetting("d", BenchSetting.ALL, "unet", 64, 48, 4, 2, 1e-3, 1, 0, "cpu", 1, Map.of()))
                .hasMessageContaining("ceiling");
    }

    private static Tensor labels(long... values) {
        return torch.tensor(values).reshape(1, 1, values.length);
    }

    /** Of the 10 pixels of the first class so many are right, all of the second; five images alike. */
    private static MethodRun run(String variant, String labels, long seed, int right) {
        List<List<Long>> matrices = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            matrices.add(List.of((long) right, 10L - right, 0L, 10L));
        }
        double miou = miou(right);
        return new MethodRun(
                variant,
                labels,
                seed,
                "",
                "",
                2,
                4,
                new TrainReport.StepMillis(1, 1),
                1,
                1,
                new TrainReport.Loss(1, 1),
                new EvaluationReport(5, 0, 0, miou, miou, miou, 0, 0, 0, Map.of(), Map.of(), "", 0),
                List.of("a", "b"),
                matrices,
                List.of());
    }

    private static double miou(int right) {
        return (right / 10.0 + 10.0 / (20 - right)) / 2;
    }

    private static double mean(int... right) {
        double sum = 0;
        for (int pixels : right) {
            sum += miou(pixels);
        }
        return sum / right.length;
    }

    private static BenchSetting setting(Path dataset, int iterations) {
        return new BenchSetting(
                dataset.toString(),
                "2",
                "light",
                WIDTH,
                HEIGHT,
                iterations,
                2,
                3e-3,
                1,
                0,
                "cpu",
                1,
                Map.of("teacher-decay", 0.9));
    }
}
