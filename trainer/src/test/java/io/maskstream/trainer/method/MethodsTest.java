package io.maskstream.trainer.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Recipe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MethodsTest {
    private static final MethodSettings SETTINGS = new MethodSettings(ClassWeights.equal(11), Map.of(), 7);

    @Test
    void listsEachMethodOnce_withCategoryAndCitation() {
        assertThat(Methods.all())
                .extracting(Method::name)
                .contains("supervised", "pseudo-label", "mean-teacher", "fixmatch")
                .doesNotHaveDuplicates();
        assertThat(Methods.all()).allSatisfy(method -> {
            assertThat(method.citation()).matches(".*\\d{4}$");
            assertThat(method.category()).isIn("baseline", "single", "mutual", "refinement", "optimisation");
        });
    }

    @Test
    void givesARunnableRound_whateverTheMethod() {
        assertThat(Methods.all())
                .allSatisfy(
                        method -> assertThat(method.plan(SETTINGS).recipes()).isNotEmpty());
        assertThat(Methods.named("supervised").plan(SETTINGS).usesUnlabelled()).isFalse();
        assertThat(Methods.named("fixmatch").plan(SETTINGS).usesUnlabelled()).isTrue();
    }

    @Test
    void keepsTheAssistantACopyUntilItLearns_whenLabelsWait() {
        MethodSettings waiting = new MethodSettings(ClassWeights.equal(11), Map.of("wait", 0.4), 7);

        assertThat(Methods.named("gta-seg").plan(SETTINGS).recipes().toString()).contains("copy until 0.0125");
        assertThat(Methods.named("gta-seg").plan(waiting).recipes().toString())
                .contains("copy until 0.4125", "after 0.4 of the training after 0.0125 of the training");
    }

    /** Pixels pasted over annotated images have labels of the step as well. */
    @Test
    void letsEveryLabelMadeInAStepWait_whereverItsPixelsAreShown() {
        MethodSettings waiting = new MethodSettings(ClassWeights.equal(11), Map.of("wait", 0.4), 7);

        for (Method method : Methods.all()) {
            for (Recipe recipe : method.plan(waiting).recipes()) {
                assertThat(recipe.phases())
                        .flatExtracting(Recipe.Phase::objectives)
                        .filteredOn(objective -> recipe.needsUnlabelled(objective.input()))
                        .filteredOn(objective -> !recipe.isUnlabelled(objective.input())
                                || !objective.target().equals(Recipe.OWN))
                        .as(method.name())
                        .allSatisfy(objective ->
                                assertThat(objective.weight().toString()).contains("after 0.4 of the training"));
            }
        }
    }

    @Test
    void remembersTheStartInEveryAverageOfWeights_whenAsked() {
        MethodSettings steady = new MethodSettings(ClassWeights.equal(11), Map.of("steady-average", 1.0), 7);

        for (String name : List.of("supervised", "fixmatch", "ps-mt", "eln", "c3-semiseg")) {
            assertThat(Methods.named(name).plan(SETTINGS).recipes().toString())
                    .as(name)
                    .contains("moving average")
                    .doesNotContain("steady");
            assertThat(Methods.named(name).plan(steady).recipes().toString().replace("steady moving average", ""))
                    .as(name)
                    .doesNotContain("moving average");
        }
    }

    @Test
    void namesAllThereAre_whenTheNameIsUnknown() {
        assertThatThrownBy(() -> Methods.named("magic"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("supervised");
    }
}
