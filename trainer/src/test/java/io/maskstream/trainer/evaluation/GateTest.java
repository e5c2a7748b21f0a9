package io.maskstream.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import io.maskstream.trainer.evaluation.Gate.Rival;
import io.maskstream.trainer.evaluation.Gate.Rules;
import io.maskstream.trainer.evaluation.Gate.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Rules RULES = Rules.of(0, 0.01);

    @Test
    void passes_whenTheCandidateIsBetterOnEveryImage() {
        Verdict verdict = Gate.decide(result(80, 80, 0.05), List.of(rival(60, 60, 0.05, true)), RULES, 1);

        assertThat(verdict.passed()).isTrue();
        assertThat(verdict.delta()).isPositive();
        assertThat(verdict.deltaLow()).isPositive();
        assertThat(verdict.images()).isEqualTo(20);
        assertThat(verdict.explanation()).contains("above").contains("v60");
    }

    @Test
    void rejects_whenTheCandidateIsWorse() {
        Verdict verdict = Gate.decide(result(55, 55, 0.05), List.of(rival(60, 60, 0.05, true)), RULES, 1);

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.delta()).isNegative();
        assertThat(verdict.against()).isEqualTo("v60");
    }

    @Test
    void rejects_whenOnlyTheBestEverIsBetter() {
        List<Rival> rivals = List.of(rival(60, 60, 0.05, true), rival(90, 90, 0.05, false));
        Verdict verdict = Gate.decide(result(80, 80, 0.05), rivals, RULES, 1);

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.against()).isEqualTo("v90");
        assertThat(verdict.explanation()).contains("best ever");
    }

    @Test
    void rejects_whenOneClassCollapses() {
        Verdict verdict =
                Gate.decide(result(99, 20, 0.05), List.of(rival(60, 70, 0.05, true)), new Rules(-1, 1, 0.25, 0.15), 1);

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.explanation()).contains("class b fell");
    }

    @Test
    void rejects_whenCalibrationBreaksDown() {
        Verdict verdict = Gate.decide(result(80, 80, 0.4), List.of(rival(60, 60, 0.05, true)), RULES, 1);

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.explanation()).contains("calibration");
    }

    @Test
    void rejects_whenTheGainIsChance() {
        List<ConfusionMatrix> candidate = new ArrayList<>();
        List<ConfusionMatrix> champion = new ArrayList<>();
        for (int i = 0; i < 20; i++) { // far better on 11 images, far worse on 9
            candidate.add(matrix(i < 11 ? 90 : 20, i < 11 ? 90 : 20));
            champion.add(matrix(i < 11 ? 20 : 90, i < 11 ? 20 : 90));
        }
        Verdict verdict =
                Gate.decide(result(candidate, 0.05), List.of(new Rival("v", result(champion, 0.05), true)), RULES, 1);

        assertThat(verdict.delta()).isPositive();
        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.explanation()).contains("interval");
    }

    @Test
    void passes_whenThereIsNothingToCompareWith() {
        Verdict verdict = Gate.decide(result(50, 50, 0.05), List.of(), RULES, 1);

        assertThat(verdict.passed()).isTrue();
        assertThat(verdict.against()).isNull();
    }

    private static Rival rival(int a, int b, double ece, boolean serving) {
        return new Rival("v" + a, result(a, b, ece), serving);
    }

    private static EvaluationResult result(int a, int b, double ece) {
        List<ConfusionMatrix> perImage = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            perImage.add(matrix(a, b));
        }
        return result(perImage, ece);
    }

    private static EvaluationResult result(List<ConfusionMatrix> perImage, double ece) {
        ConfusionMatrix sum = perImage.stream().reduce(ConfusionMatrix.empty(2), ConfusionMatrix::plus);
        SegmentationMetrics metrics = SegmentationMetrics.of(sum);
        Map<String, Double> perClass = new LinkedHashMap<>();
        perClass.put("a", metrics.perClassIou()[0]);
        perClass.put("b", metrics.perClassIou()[1]);
        return new EvaluationResult(
                new EvaluationReport(
                        perImage.size(),
                        metrics.pixelAccuracy(),
                        metrics.meanAccuracy(),
                        metrics.miou(),
                        metrics.miou(),
                        metrics.miou(),
                        metrics.weightedIou(),
                        0.5,
                        ece,
                        perClass,
                        perClass,
                        "v",
                        1),
                perImage);
    }

    /** 100 pixels of each class, so many of which are found. */
    private static ConfusionMatrix matrix(int a, int b) {
        return ConfusionMatrix.ofCounts(new long[][] {{a, 100 - a}, {100 - b, b}});
    }
}
