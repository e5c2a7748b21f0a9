package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.trainer.block.Recipe.Input;
import io.maskstream.trainer.block.Recipe.Member;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeTest {
    private static final List<Input> INPUTS =
            List.of(new Input("weak", Recipe.UNLABELLED, View.plain()), new Input("strong", "weak", View.plain()));

    @Test
    void namesTheStreamFirst_whenAnInputDescends() {
        Recipe recipe = recipe(INPUTS, "strong", "student");

        assertThat(recipe.lineage("strong")).containsExactly(Recipe.UNLABELLED, "weak", "strong");
        assertThat(recipe.usesUnlabelled()).isTrue();
        assertThat(recipe(INPUTS, Recipe.LABELLED, "student").usesUnlabelled()).isFalse();
    }

    @Test
    void saysWhatIsWrong_whenItCannotRun() {
        assertThatThrownBy(() -> recipe(INPUTS, "nowhere", "student")).hasMessageContaining("unknown input");
        assertThatThrownBy(() -> recipe(INPUTS, "weak", "stranger")).hasMessageContaining("unknown learner");
        assertThatThrownBy(() -> recipe(List.of(new Input("strong", "weak", View.plain())), "strong", "student"))
                .hasMessageContaining("no parent weak");
    }

    private static Recipe recipe(List<Input> inputs, String input, String learner) {
        return new Recipe(
                List.of(new Member("student", true)),
                inputs,
                List.of(new Phase(
                        List.of(),
                        List.of(new Objective(
                                "loss",
                                learner,
                                input,
                                Recipe.OWN,
                                LossTerm.crossEntropy(Reduction.VALID),
                                Schedule.constant(1))),
                        List.of())),
                "student");
    }
}
