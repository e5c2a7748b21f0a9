package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.FeatureTaps;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.trainer.network.operator.GraphNode;
import io.maskstream.trainer.network.operator.Operation;
import io.maskstream.trainer.network.operator.Operators;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A graph made ready to run: every value has a number, every node knows the numbers it reads and gives, and which values
 * nobody reads after it. Made once; a step parses nothing. Holds no tensors, so copies of a network share it.
 */
final class Plan {
    /** What gives a tensor of its own that its backward pass does not need. */
    private static final Set<String> FRESH = Set.of("Conv", "ConvTranspose", "BatchNormalization", "Add");

    /** The number of an input that is absent. */
    static final int ABSENT = -1;

    private static final Set<String> CONVOLUTIONS = Set.of("Conv", "ConvTranspose");

    private final List<Step> steps;
    private final Map<String, Integer> slots;
    private final Map<String, Integer> outputs;
    private final int picture;
    private final Map<String, String> tapped; // a name that surgery gave -> the value that has it
    private final AtomicReference<FeatureTaps.@Nullable Places> places = new AtomicReference<>();
    private final Weights weights;
    private final Set<String> head;
    private final Map<String, String> readers;

    /**
     * One node.
     *
     * @param inputs the values it reads, {@link #ABSENT} where it reads none
     * @param outputs the values it gives
     * @param done the values that nobody reads after it
     * @param inUse whether it behaves as in use even in training, since its weights are frozen
     * @param narrow whether it is a convolution, which mixed precision computes in 16 bits
     * @param mayOverwrite whether it alone reads its first input, and the backward pass of that input's maker does not
     */
    @SuppressWarnings("ArrayRecordComponent") // read in the innermost loop, compared by nobody
    record Step(
            String name,
            Operation operation,
            int[] inputs,
            int[] outputs,
            int[] done,
            boolean inUse,
            boolean narrow,
            boolean mayOverwrite) {}

    private Plan(
            List<Step> steps,
            Map<String, Integer> slots,
            Map<String, Integer> outputs,
            int picture,
            Map<String, String> tapped,
            Weights weights,
            Set<String> head,
            Map<String, String> readers) {
        this.steps = steps;
        this.slots = slots;
        this.outputs = outputs;
        this.picture = picture;
        this.tapped = tapped;
        this.weights = weights;
        this.head = head;
        this.readers = readers;
    }

    /** Prepares every node; throws what {@link Operators#prepare} throws. */
    static Plan of(ModelProto model, Set<String> frozen) {
        GraphProto graph = model.getGraph();
        Map<String, Integer> slots = new HashMap<>();
        graph.getInitializerList().forEach(weight -> slots.put(weight.getName(), slots.size()));
        String picture = ModelFile.inputs(graph).get(0).getName();
        slots.put(picture, slots.size());
        int opset = ModelFile.opset(model);
        List<Operation> operations = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            operations.add(Operators.prepare(new GraphNode(node, opset)));
            node.getOutputList().forEach(output -> slots.putIfAbsent(output, slots.size()));
        }
        Map<String, Integer> outputs = new HashMap<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            outputs.put(output.getName(), slots.get(output.getName()));
        }
        Weights weights = Weights.of(graph, frozen);
        Map<String, String> readers = new HashMap<>();
        Map<Integer, Integer> lastReader = lastReaders(graph, slots);
        Map<Integer, Integer> reads = reads(graph, slots);
        Set<Integer> fresh = new HashSet<>();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            NodeProto node = graph.getNode(i);
            int step = i;
            int[] inputs = numbers(GraphNode.reads(node), slots);
            int[] given = numbers(node.getOutputList(), slots);
            int[] done = IntStream.concat(Arrays.stream(inputs), Arrays.stream(given))
                    .distinct()
                    .filter(slot -> slot > slots.get(picture) // weights and the picture come first and stay
                            && !outputs.containsValue(slot)
                            && lastReader.getOrDefault(slot, step) == step)
                    .toArray();
            boolean mayOverwrite = fresh.contains(inputs.length == 0 ? ABSENT : inputs[0])
                    && reads.getOrDefault(inputs[0], 0) == 1
                    && !outputs.containsValue(inputs[0]);
            if (FRESH.contains(node.getOpType())) {
                fresh.add(given[0]);
            }
            String description = new GraphNode(node, opset).description();
            node.getInputList().forEach(input -> readers.putIfAbsent(input, description));
            steps.add(new Step(
                    description,
                    operations.get(i),
                    inputs,
                    given,
                    done,
                    weights.isInUse(i),
                    CONVOLUTIONS.contains(node.getOpType()),
                    mayOverwrite));
        }
        List<String> scores = outputs.keySet().stream()
                .filter(ExtraBranches::isClassScores)
                .sorted()
                .toList();
        Set<String> head = weights.head(scores);
        return new Plan(steps, slots, outputs, slots.get(picture), FeatureTaps.names(model), weights, head, readers);
    }

    private static Map<Integer, Integer> lastReaders(GraphProto graph, Map<String, Integer> slots) {
        Map<Integer, Integer> last = new HashMap<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (int slot : numbers(GraphNode.reads(graph.getNode(i)), slots)) {
                last.put(slot, i);
            }
        }
        return last;
    }

    /** Returns how often each value is read. */
    private static Map<Integer, Integer> reads(GraphProto graph, Map<String, Integer> slots) {
        Map<Integer, Integer> reads = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            for (int slot : numbers(GraphNode.reads(node), slots)) {
                reads.merge(slot, 1, Integer::sum);
            }
        }
        return reads;
    }

    private static int[] numbers(List<String> names, Map<String, Integer> slots) {
        return names.stream()
                .mapToInt(name -> name.isEmpty() ? ABSENT : slots.get(name))
                .toArray();
    }

    List<Step> steps() {
        return steps;
    }

    Map<String, Integer> outputs() {
        return outputs;
    }

    /** Returns the number of values. */
    int size() {
        return slots.size();
    }

    int picture() {
        return picture;
    }

    Set<String> parameters() {
        return weights.learned();
    }

    Set<String> buffers() {
        return weights.buffers();
    }

    /** Returns the parameters of the last layers before the class scores. */
    Set<String> head() {
        return head;
    }

    /** Returns the first node that reads a weight, for messages. */
    String readerOf(String weight) {
        return readers.getOrDefault(weight, "no node");
    }

    /**
     * Returns the number of a value that a node gives; a name that surgery gave stands for the value itself.
     *
     * @param find tells where the features of a graph from elsewhere are, which has no value {@code encoder} or {@code decoder}
     * @throws IllegalArgumentException if there is no such value
     */
    int slotOf(String name, Supplier<FeatureTaps.Places> find) {
        Integer slot = slots.get(tapped.getOrDefault(name, name));
        boolean encoder = name.equals(Taps.ENCODER);
        if (slot == null && (encoder || name.equals(Taps.DECODER))) {
            FeatureTaps.Places found = places.updateAndGet(known -> known == null ? find.get() : known);
            slot = slots.get(encoder ? found.encoder() : found.decoder());
        }
        if (slot == null || slot <= picture) {
            throw new IllegalArgumentException("the graph gives no value '" + name + "' that could be tapped; it has "
                    + new LinkedHashSet<>(outputs.keySet()) + " and " + (slots.size() - picture - 1) + " inner ones");
        }
        return slot;
    }

    /** Returns the number of a weight. */
    int slotOfWeight(TensorProto weight) {
        return Objects.requireNonNull(slots.get(weight.getName()));
    }
}
