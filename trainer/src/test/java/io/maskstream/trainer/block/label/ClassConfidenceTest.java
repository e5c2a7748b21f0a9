package io.maskstream.trainer.block.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How well each class is learned, and which ones are needed. */
class ClassConfidenceTest {
    private PointerScope scope = new PointerScope();

    @BeforeEach
    void open() {
        scope.close();
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void asksForClassesThatAreNotLearned_asPublished() {
        ClassConfidence confidence = new ClassConfidence("confidence", 3, .99);
        confidence.restore(new double[] {.9, .5, .2, 0, 0, 0});

        assertThat(confidence.needs()).containsExactly(new double[] {.234681, .346924, .418395}, within(1e-5));
    }

    @Test
    void averagesOverBatchesThatHaveTheClass_andLeavesOthers() {
        ClassConfidence confidence = new ClassConfidence("confidence", 3, .9);
        confidence.observe(Fixture.logits(Fixture.a()), Fixture.classes(0, 0, 1, 255));

        assertThat(confidence.state()).containsExactly(new double[] {.675, .75, 0, 1, 1, 0}, within(1e-5));
        confidence.observe(Fixture.logits(Fixture.b()), Fixture.classes(0, 255, 255, 255));
        assertThat(confidence.state()).containsExactly(new double[] {.6875, .75, 0, 2, 1, 0}, within(1e-5));
        confidence.observe(Fixture.logits(Fixture.b()), Fixture.classes(255, 255, 255, 255));
        assertThat(confidence.state()).containsExactly(new double[] {.6875, .75, 0, 2, 1, 0}, within(1e-5));
        assertThatThrownBy(() -> confidence.restore(new double[] {1})).hasMessageContaining("3 classes");
    }
}
