package io.maskstream.trainer.method.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.method.MethodSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UniMatchTest {
    @Test
    void weighsItsTermsAsPublished() {
        Recipe recipe = new UniMatch()
                .plan(new MethodSettings(ClassWeights.equal(3), Map.of(), 7))
                .recipes()
                .get(0);
        Map<String, Double> losses = Map.of("supervised", 1.0, "strong-1", 0.8, "strong-2", 0.4, "features", 0.6);
        List<Objective> objectives = recipe.phases().get(0).objectives();
        Progress risen = new Progress(90, 100, 1);

        double sum = objectives.stream()
                .mapToDouble(
                        objective -> objective.weight().at(risen) * losses.getOrDefault(objective.name(), Double.NaN))
                .sum();

        assertThat(sum / 2).isCloseTo(0.8, within(1e-12)); // the paper halves what is summed here
    }
}
