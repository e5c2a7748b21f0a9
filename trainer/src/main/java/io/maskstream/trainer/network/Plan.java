package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.FeatureTaps;
import io.maskstream.trainer.network.operator.GraphNode;
import io.maskstream.trainer.network.operator.Operation;
import io.maskstream.trainer.network.operator.Operators;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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

    private final List<Step> steps; // one for each node
    private final List<Step> fused; // nodes that belong together as one
    private final Set<Integer> hidden; // values that the fused steps do not give
    private final Map<String, Integer> slots;
    private final Map<String, Integer> outputs;
    private final int picture;
    private final long channels;
    private final Map<String, String> tapped; // a name that surgery gave -> the value that has it
    private final AtomicReference<FeatureTaps.@Nullable Places> places = new AtomicReference<>();
    private final AtomicReference<@Nullable Skips> besideTheEncoder = new AtomicReference<>();
    private final Weights weights;
    private final Set<String> head;
    private final Map<String, String> readers;

    /**
     * One node, or several as one.
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

    /**
     * What the decoder reads beside the deepest features.
     *
     * @param encoder the deepest features
     * @param besides those values
     * @param decoder the values that the decoder's own nodes give
     */
    record Skips(int encoder, Set<Integer> besides, Set<Integer> decoder) {}

    private Plan(
            List<Step> steps,
            List<Step> fused,
            Map<String, Integer> slots,
            Map<String, Integer> outputs,
            int picture,
            long channels,
            Map<String, String> tapped,
            Weights weights,
            Set<String> head,
            Map<String, String> readers) {
        this.steps = steps;
        this.fused = fused;
        this.hidden = given(steps);
        hidden.removeAll(given(fused));
        this.slots = slots;
        this.outputs = outputs;
        this.picture = picture;
        this.channels = channels;
        this.tapped = tapped;
        this.weights = weights;
        this.head = head;
        this.readers = readers;
    }

    private static Set<Integer> given(List<Step> steps) {
        return steps.stream()
                .flatMapToInt(step -> Arrays.stream(step.outputs()))
                .boxed()
                .collect(Collectors.toSet());
    }

    /** Prepares every node; throws what {@link Operators#prepare} throws. */
    static Plan of(ModelProto model, Set<String> frozen) {
        GraphProto graph = model.getGraph();
        Map<String, Integer> slots = new HashMap<>();
        graph.getInitializerList().forEach(weight -> slots.put(weight.getName(), slots.size()));
        String picture = GraphView.inputs(graph).get(0).getName();
        slots.put(picture, slots.size());
        int opset = GraphView.opset(model);
        Weights weights = Weights.of(graph, frozen);
        Map<String, String> readers = new HashMap<>();
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            Operation operation = Operators.prepare(new GraphNode(node, opset));
            node.getOutputList().forEach(output -> slots.putIfAbsent(output, slots.size()));
            String description = new GraphNode(node, opset).description();
            node.getInputList().forEach(input -> readers.putIfAbsent(input, description));
            calls.add(new Call(
                    description,
                    operation,
                    GraphNode.reads(node),
                    node.getOutputList(),
                    weights.isInUse(i),
                    CONVOLUTIONS.contains(node.getOpType()),
                    FRESH.contains(node.getOpType())));
        }
        Map<String, Integer> outputs = new HashMap<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            outputs.put(output.getName(), slots.get(output.getName()));
        }
        Set<Integer> wanted = Set.copyOf(outputs.values());
        List<Step> steps = steps(calls, slots, slots.get(picture), wanted);
        List<Step> fused = steps(Fusions.of(graph, calls, weights.learned()), slots, slots.get(picture), wanted);
        List<String> scores = outputs.keySet().stream()
                .filter(ExtraBranches::isClassScores)
                .sorted()
                .toList();
        Set<String> head = weights.head(scores);
        return new Plan(
                steps,
                fused,
                slots,
                outputs,
                slots.get(picture),
                channels(graph),
                FeatureTaps.names(model),
                weights,
                head,
                readers);
    }

    private static long channels(GraphProto graph) {
        TensorShapeProto shape =
                GraphView.inputs(graph).get(0).getType().getTensorType().getShape();
        return shape.getDimCount() == 4 && shape.getDim(1).hasDimValue()
                ? shape.getDim(1).getDimValue()
                : 3;
    }

    private static List<Step> steps(List<Call> calls, Map<String, Integer> slots, int picture, Set<Integer> outputs) {
        Map<Integer, Integer> lastReader = new HashMap<>();
        Map<Integer, Integer> reads = new HashMap<>();
        for (int i = 0; i < calls.size(); i++) {
            for (int slot : numbers(calls.get(i).inputs(), slots)) {
                lastReader.put(slot, i);
                reads.merge(slot, 1, Integer::sum);
            }
        }
        Set<Integer> fresh = new HashSet<>();
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            int step = i;
            int[] inputs = numbers(call.inputs(), slots);
            int[] given = numbers(call.outputs(), slots);
            int[] done = IntStream.concat(Arrays.stream(inputs), Arrays.stream(given))
                    .distinct()
                    .filter(slot -> slot > picture // weights and the picture come first and stay
                            && !outputs.contains(slot)
                            && lastReader.getOrDefault(slot, step) == step)
                    .toArray();
            boolean mayOverwrite = inputs.length > 0
                    && fresh.contains(inputs[0])
                    && reads.getOrDefault(inputs[0], 0) == 1
                    && !outputs.contains(inputs[0]);
            if (call.fresh()) {
                fresh.add(given[0]);
            }
            steps.add(new Step(
                    call.name(), call.operation(), inputs, given, done, call.inUse(), call.narrow(), mayOverwrite));
        }
        return steps;
    }

    private static int[] numbers(List<String> names, Map<String, Integer> slots) {
        return names.stream()
                .mapToInt(name -> name.isEmpty() ? ABSENT : slots.get(name))
                .toArray();
    }

    /**
     * Returns the steps of a pass, with nodes as one where that hides nothing.
     *
     * @param seen the values that the pass has to give or to change
     */
    List<Step> steps(Set<Integer> seen) {
        return seen.stream().anyMatch(hidden::contains) ? steps : fused;
    }

    /** Returns a step for every node. */
    List<Step> nodes() {
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

    /** Returns how many channels the graph's input has; 3 where it does not say. */
    long channels() {
        return channels;
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

    /**
     * Returns the numbers of the values that a change of this name concerns: one, but for {@link ExtraBranches#beside}, which stands
     * for as many as there are.
     */
    List<Integer> slotsOf(String name, Supplier<FeatureTaps.Places> find) {
        if (ExtraBranches.isBeside(name)) {
            return slots.entrySet().stream()
                    .filter(value -> value.getKey().startsWith(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }
        return List.of(slotOf(name, find));
    }

    /** Returns what a change of {@link Taps#SKIPS} concerns. */
    Skips skips(Supplier<FeatureTaps.Places> find, Function<FeatureTaps.Places, FeatureTaps.Decoder> decoder) {
        Skips known = besideTheEncoder.get();
        if (known == null) {
            FeatureTaps.Decoder found = decoder.apply(
                    Objects.requireNonNull(places.updateAndGet(places -> places == null ? find.get() : places)));
            known = new Skips(slotOf(Taps.ENCODER, find), numbersOf(found.besides()), numbersOf(found.values()));
            besideTheEncoder.set(known);
        }
        return known;
    }

    private Set<Integer> numbersOf(Collection<String> names) {
        return names.stream().map(slots::get).filter(Objects::nonNull).collect(Collectors.toUnmodifiableSet());
    }

    /** Returns the number of a weight. */
    int slotOfWeight(TensorProto weight) {
        return Objects.requireNonNull(slots.get(weight.getName()));
    }
}
