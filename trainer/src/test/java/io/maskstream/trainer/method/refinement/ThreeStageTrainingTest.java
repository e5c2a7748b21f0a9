package io.maskstream.trainer.method.refinement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.method.MethodSettings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Expected numbers are those of the authors' code. */
class ThreeStageTrainingTest {
    @Test
    void sumsUpAsThePaper_withEitherWeightOfTheAnnotations() {
        assertThat(sum(1)).isCloseTo(1.3, within(1e-9));
        assertThat(sum(2) / 2).isCloseTo(0.8, within(1e-9)); // half of all is the annotated loss at 0.5
    }

    /** The whole loss where the annotated one is 1, consistency 0.4 and that of stored labels 0.8. */
    private static double sum(double unlabelledWeight) {
        Map<String, Double> losses = Map.of("supervised", 1.0, "consistency", 0.4, "stored", 0.8);
        List<Recipe> recipes = new ThreeStageTraining()
                .plan(new MethodSettings(ClassWeights.equal(3), Map.of("unlabelled-weight", unlabelledWeight), 7))
                .recipes();
        return recipes.get(1).phases().get(0).objectives().stream()
                .mapToDouble(objective -> Objects.requireNonNull(losses.get(objective.name()))
                        * objective.weight().at(new Progress(0, 60, 1)))
                .sum();
    }

    @Test
    void slowsTheTeacherDown_asTheStageGoesOn() {
        double[] decays = List.of(0, 19, 20, 39, 40, 49, 50).stream()
                .mapToDouble(epoch -> ThreeStageTraining.DECAY.at(new Progress(epoch, 60, 1)))
                .toArray();

        assertThat(decays).containsExactly(.99, .99, .995, .995, .9975, .9975, .999);
        assertThat(ThreeStageTraining.DECAY.at(new Progress(0, 60, 2, 60))).isEqualTo(.999);
    }
}
