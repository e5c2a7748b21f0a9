package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.block.WeightTransfer.Buffers;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Moves weights between real networks and compares bit for bit. */
class WeightTransferTest {
    private static final ModelProto MODEL =
            StartingModels.named("light").build(ClassList.of(List.of("sky", "road", "car")), 32, 48, 3);

    private final GraphNetwork student = GraphNetwork.of(MODEL, Device.CPU);
    private final GraphNetwork teacher = student.copy();
    private PointerScope scope = new PointerScope();
    private NoGradGuard guard = new NoGradGuard();

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @BeforeEach
    void open() {
        guard.close();
        scope.close();
        scope = new PointerScope();
        guard = new NoGradGuard();
    }

    @AfterEach
    void close() {
        guard.close();
        scope.close();
        student.close();
        teacher.close();
    }

    @Test
    void decaysByItsShare_whenTheStudentIsZero() {
        fill(student, 0);
        fill(teacher, 1);
        WeightTransfer average = WeightTransfer.average(0.99, Buffers.AVERAGE);

        average.transfer(student, teacher, new Progress(500, 1000, 1));
        assertThat(first(teacher)).isCloseTo(0.99f, within(1e-6f));
        average.transfer(student, teacher, new Progress(501, 1000, 1));
        assertThat(first(teacher)).isCloseTo(0.9801f, within(1e-6f));
    }

    @Test
    void warmsUp_whenFewStepsWereTaken() {
        assertThat(WeightTransfer.decayAt(0.99, 0)).isZero();
        assertThat(WeightTransfer.decayAt(0.99, 1)).isEqualTo(0.5);
        assertThat(WeightTransfer.decayAt(0.99, 9)).isCloseTo(0.9, within(1e-12));
        assertThat(WeightTransfer.decayAt(0.99, 1000)).isEqualTo(0.99);
    }

    @Test
    void remembersTheStart_whenTheAverageIsSteady() {
        fill(student, 0);
        fill(teacher, 1);
        WeightTransfer steady = WeightTransfer.steadyAverage(0.99);

        steady.transfer(student, teacher, new Progress(0, 1000, 1));
        assertThat(first(teacher)).isCloseTo(0.99f, within(1e-6f)); // a warm-up would have copied the student
        steady.transfer(student, teacher, new Progress(1, 1000, 1));
        assertThat(first(teacher)).isCloseTo(0.9801f, within(1e-6f));
    }

    @Test
    void leavesTheClassifierBitForBit_whenFeaturesFollow() {
        fill(teacher, 0.5);
        Map<String, float[]> before = weights(teacher);
        WeightTransfer features = WeightTransfer.averageOfFeatures(0.999, 0);

        features.transfer(student, teacher, new Progress(0, 10, 1)); // the first copies

        Map<String, float[]> after = weights(teacher);
        Map<String, float[]> given = weights(student);
        assertThat(teacher.head()).isNotEmpty();
        after.forEach((name, values) -> assertThat(values)
                .as(name)
                .isEqualTo(teacher.head().contains(name) ? before.get(name) : given.get(name)));
    }

    @Test
    void touchesExactlyTheFeatures_whenTheyFollowOn() {
        fill(teacher, 0.5);
        Map<String, float[]> before = weights(teacher);

        WeightTransfer.averageOfFeatures(0.999, 0.2).transfer(student, teacher, new Progress(5, 10, 1));

        assertThat(changed(before, weights(teacher))).isEqualTo(features());
        assertThat(first(teacher)).isCloseTo(0.75f * 0.5f + 0.25f * first(student), within(1e-6f)); // t = 3
    }

    @Test
    void leavesTheRestingTeacherBitForBit_whenTeachersTakeTurns() {
        WeightTransfer average = WeightTransfer.average(0.9, Buffers.AVERAGE);
        WeightTransfer firstTurn = average.inTurn(0, 2, 0.1, 0.2);
        WeightTransfer secondTurn = average.inTurn(1, 2, 0.1, 0.2);
        StringBuilder turns = new StringBuilder();
        for (int step = 0; step < 40; step++) {
            fill(teacher, 0.5);
            Map<String, float[]> before = weights(teacher);
            firstTurn.transfer(student, teacher, new Progress(step, 40, 1));
            boolean first = !changed(before, weights(teacher)).isEmpty();
            fill(teacher, 0.5);
            secondTurn.transfer(student, teacher, new Progress(step, 40, 1));
            boolean second = !changed(before, weights(teacher)).isEmpty();
            assertThat(first && second).isFalse();
            turns.append(first ? '1' : second ? '2' : '-');
        }

        assertThat(turns.toString()).isEqualTo("--------11112222111122221111222211112222");
    }

    @Test
    void stopsCopying_whenItsShareIsOver() {
        fill(teacher, 0.5);
        WeightTransfer.copy().until(0.3).transfer(student, teacher, new Progress(3, 10, 1));
        assertThat(first(teacher)).isEqualTo(0.5f);

        WeightTransfer.copy().until(0.3).transfer(student, teacher, new Progress(2, 10, 1));
        assertThat(weights(teacher)).usingRecursiveComparison().isEqualTo(weights(student));
    }

    @Test
    void saysWhatItDoes_inWords() {
        assertThat(List.of(
                        WeightTransfer.averageOfFeatures(0.9, 0),
                        WeightTransfer.copy().until(0.5),
                        WeightTransfer.copy().inTurn(0, 2, 0.1, 0)))
                .allSatisfy(transfer -> assertThat(transfer.toString()).doesNotContain("Lambda"));
    }

    private Set<String> features() {
        Set<String> names = new TreeSet<>(weights(teacher).keySet());
        names.removeAll(teacher.head());
        return names;
    }

    private static Set<String> changed(Map<String, float[]> before, Map<String, float[]> after) {
        return after.keySet().stream()
                .filter(name -> !Arrays.equals(after.get(name), before.get(name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, float[]> weights(GraphNetwork network) {
        Map<String, float[]> weights = new TreeMap<>();
        network.parameters().forEach((name, tensor) -> weights.put(name, Fixture.floats(tensor)));
        network.buffers().forEach((name, tensor) -> weights.put(name, Fixture.floats(tensor)));
        return weights;
    }

    private static float first(GraphNetwork network) {
        return Objects.requireNonNull(weights(network).values().iterator().next())[0];
    }

    private static void fill(GraphNetwork network, double value) {
        network.parameters().values().forEach(tensor -> put(tensor, value));
        network.buffers().values().forEach(tensor -> put(tensor, value));
    }

    private static void put(Tensor tensor, double value) {
        tensor.copy_(torch.full_like(tensor, new Scalar(value)));
    }
}
