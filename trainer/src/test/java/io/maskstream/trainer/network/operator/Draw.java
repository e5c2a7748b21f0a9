package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * One drawn graph for an operator's test: chance, and a graph to write.
 *
 * <p>Every value that a method here gives a name is an initializer of the graph. The float ones are what gradients are taken
 * of, unless made by {@link #constant}. Values come so that a small step does not cross a kink, see {@link #noise} and
 * {@link #apart}.
 */
final class Draw {
    private static final double CLEAR = 0.05; // the distance that values keep from kinks

    private final Random random;
    private final int opset;
    private final GraphBuilder graph;
    private final Set<String> constants = new LinkedHashSet<>();
    private final List<String> outputs = new ArrayList<>();
    private boolean training;

    Draw(long seed, int opset) {
        this.random = new Random(seed);
        this.opset = opset;
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(10);
        model.addOpsetImportBuilder().setVersion(opset);
        model.getGraphBuilder().setName("drawn");
        this.graph = GraphBuilder.on(model.build());
    }

    /** Returns the operator set that the graph is of; the generator writes the form of that set. */
    int opset() {
        return opset;
    }

    /** Returns an integer of a range, both ends included. */
    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** Returns a real number of a range. */
    double real(double low, double high) {
        return (float) (low + (high - low) * random.nextDouble());
    }

    boolean chance() {
        return random.nextBoolean();
    }

    /** Returns one of some things. */
    @SafeVarargs
    final <T> T any(T... things) {
        return things[random.nextInt(things.length)];
    }

    /** Returns so many integers of a range. */
    long[] integers(int count, int low, int high) {
        return IntStream.range(0, count).mapToLong(i -> between(low, high)).toArray();
    }

    /** Returns a shape of so many sides, each of 1 to so much. */
    long[] shape(int dimensions, int largest) {
        return integers(dimensions, 1, largest);
    }

    /** Adds normal noise that keeps clear of the given kinks, as of 0 for {@code Relu}. */
    String noise(long[] shape, double... kinks) {
        float[] values = new float[count(shape)];
        for (int i = 0; i < values.length; i++) {
            float value = (float) random.nextGaussian();
            while (near(value, kinks)) {
                value = (float) random.nextGaussian();
            }
            values[i] = value;
        }
        return values(values, shape);
    }

    private static boolean near(double value, double... kinks) {
        return Arrays.stream(kinks).anyMatch(kink -> Math.abs(value - kink) < CLEAR);
    }

    /** Adds values around 0 of which no two are closer than a small distance: for maxima, minima and orders. */
    String apart(long... shape) {
        int count = count(shape);
        List<Integer> places = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        java.util.Collections.shuffle(places, random);
        float[] values = new float[count];
        double step = Math.max(4.0 / count, 0.01);
        for (int i = 0; i < count; i++) {
            values[i] = (float) ((places.get(i) - count / 2.0 + 0.25 + 0.2 * random.nextDouble()) * step);
        }
        return values(values, shape);
    }

    /** Adds uniform noise of a range, as for what must be positive. */
    String uniform(double low, double high, long... shape) {
        float[] values = new float[count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) real(low, high);
        }
        return values(values, shape);
    }

    /** Adds these floats. */
    String values(float[] values, long... shape) {
        return graph.weight(graph.unique("value"), values, shape);
    }

    /** Adds floats that no gradient is taken of, as the scales of {@code Resize}. */
    String constant(float[] values, long... shape) {
        String name = values(values, shape);
        constants.add(name);
        return name;
    }

    /** Adds a list of int64. */
    String list(long... values) {
        return graph.integers(values);
    }

    /** Adds truths. */
    String truths(long... shape) {
        String zeros = constant(new float[count(shape)], shape);
        String noise = noise(shape, 0);
        constants.add(noise);
        return graph.node("Greater", List.of(noise, zeros));
    }

    /** Adds the node, or one before it, and returns its output. */
    String node(String operator, List<String> inputs, AttributeProto... attributes) {
        return graph.node(operator, inputs, attributes);
    }

    /** Adds a node of several outputs and returns their names. */
    List<String> nodes(String operator, int count, List<String> inputs, AttributeProto... attributes) {
        List<String> names =
                IntStream.range(0, count).mapToObj(i -> graph.unique("out")).toList();
        graph.nodes(operator, inputs, names, attributes);
        return names;
    }

    /** Returns the graph, for a value of another kind than those here. */
    GraphBuilder graph() {
        return graph;
    }

    /** Makes a value an output that is compared, besides the one that the generator returns. */
    void compare(List<String> names) {
        outputs.addAll(names);
    }

    /** Takes the gradients with the network in training, as for the statistics of a batch; values stay those of use. */
    void inTraining() {
        training = true;
    }

    boolean isInTraining() {
        return training;
    }

    /** Says whether gradients are taken of a value. */
    boolean differentiates(TensorProto value) {
        return value.getDataType() == TensorProto.DataType.FLOAT_VALUE && !constants.contains(value.getName());
    }

    /** Returns the model, whose outputs are those compared. */
    ModelProto model(String output) {
        Set<String> compared = new LinkedHashSet<>(outputs);
        compared.add(output);
        ModelProto.Builder model = graph.build().toBuilder();
        compared.forEach(name -> model.getGraphBuilder().addOutputBuilder().setName(name));
        return model.build();
    }

    private static int count(long... shape) {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }
}
