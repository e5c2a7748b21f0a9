package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.FeatureTaps;
import io.maskstream.segmentation.model.FrozenWeights;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.Plan.Step;
import io.maskstream.trainer.network.operator.Inputs;
import io.maskstream.trainer.network.operator.TensorProtos;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph, run node by node on libtorch with gradients.
 *
 * <p>The graph is the architecture: what is trained is what was read, and {@link #toModel} writes the same graph with
 * other weights. Which initializers learn is told by {@link Weights}. Inner values are freed as soon as their last reader
 * has run; what the backward pass needs, libtorch holds.
 */
public final class GraphNetwork implements SegmentationNetwork {
    private final ModelProto model;
    private final Plan plan;
    private final Device device;
    private final Map<String, Tensor> weights; // all initializers by name
    private final @Nullable Tensor[] initial; // the same by number, the start of every pass
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Integer> slots = new HashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private boolean training;
    private Precision precision = Precision.FLOAT32;
    private boolean closed;

    private GraphNetwork(ModelProto model, Plan plan, Device device, Map<String, Tensor> weights) {
        this.model = model;
        this.plan = plan;
        this.device = device;
        this.weights = weights;
        this.initial = new Tensor[plan.size()];
        for (TensorProto proto : model.getGraph().getInitializerList()) {
            int slot = plan.slotOfWeight(proto);
            initial[slot] = weights.get(proto.getName());
            slots.put(proto.getName(), slot);
        }
        plan.parameters().forEach(name -> parameters.put(name, get(name)));
        plan.buffers().forEach(name -> buffers.put(name, get(name)));
        parameters.values().forEach(parameter -> parameter.set_requires_grad(true));
    }

    /**
     * Makes a network of a trainable graph, in the mode of use.
     *
     * @param device where it computes; {@link Device#AUTO} is resolved by {@link Torch#choose}
     * @throws io.maskstream.trainer.network.operator.UnsupportedOperatorException if the graph has an operator that is
     *     not supported, naming node and operator and listing those that are
     */
    public static GraphNetwork of(ModelProto trainable, Device device) {
        ModelProto model = ConstantNodes.asWeights(trainable);
        Plan plan = Plan.of(model, frozen(model));
        Device chosen = Torch.choose(device);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            for (TensorProto proto : model.getGraph().getInitializerList()) {
                weights.put(proto.getName(), Torch.keep(placed(TensorProtos.read(proto), chosen)));
            }
        }
        return new GraphNetwork(model, plan, chosen, weights);
    }

    private static Set<String> frozen(ModelProto model) {
        if (!ModelMetadata.isIn(model)) {
            return Set.of();
        }
        try {
            return FrozenWeights.of(model.getGraph(), ModelMetadata.read(model).frozen());
        } catch (ModelFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Integers and single numbers stay on the processor: they are sizes, bounds and scales. */
    private static Tensor placed(Tensor tensor, Device device) {
        boolean host = tensor.dim() == 0 || !torch.isFloatingType(tensor.scalar_type());
        return host ? tensor : tensor.to(Torch.name(device), tensor.scalar_type());
    }

    @Override
    public Outputs forward(Tensor images, Taps taps) {
        return forward(images, taps, null);
    }

    @Override
    public Optional<String> firstNonFinite(Tensor images, Taps taps) {
        List<String> found = new ArrayList<>();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            NonFinite.describe(images).ifPresent(what -> found.add("the input, which holds " + what));
            forward(images, taps, (node, value) -> {
                if (found.isEmpty()) {
                    NonFinite.describe(value).ifPresent(what -> found.add("node " + node + ", which gives " + what));
                }
            });
        }
        return found.stream().findFirst();
    }

    /**
     * Runs the graph.
     *
     * @param watcher sees what every node gives, so that none are run as one; or nobody
     */
    private Outputs forward(Tensor images, Taps taps, @Nullable BiConsumer<String, Tensor> watcher) {
        if (closed) {
            throw new IllegalStateException("the network is closed");
        }
        if (images.dim() != 4 || images.size(1) != plan.channels()) {
            throw new IllegalArgumentException("expected images [N, " + plan.channels()
                    + ", H, W], found a tensor of " + images.dim()
                    + " dimensions" + (images.dim() == 4 ? " with " + images.size(1) + " channels" : ""));
        }
        Map<String, Integer> wanted = new HashMap<>(plan.outputs());
        taps.values().forEach(name -> wanted.put(name, plan.slotOf(name, () -> places(images))));
        Map<Integer, UnaryOperator<Tensor>> changes = new HashMap<>();
        taps.changes().forEach((name, change) -> {
            if (!name.equals(Taps.SKIPS)) {
                plan.slotsOf(name, () -> places(images)).forEach(slot -> changes.put(slot, change));
            }
        });
        SkipChange skips = skips(taps, images);
        try (PointerScope scope = new PointerScope();
                Precision.Scope computing = precision.on(device)) {
            @Nullable Tensor[] values = initial.clone();
            values[plan.picture()] = images;
            for (String name : taps.held()) {
                Tensor held = held(name);
                values[Objects.requireNonNull(slots.get(name))] = held;
            }
            Set<Integer> seen = new HashSet<>(wanted.values());
            seen.addAll(changes.keySet());
            seen.addAll(skips.seen());
            for (Step step : watcher == null ? plan.steps(seen) : plan.nodes()) {
                boolean mayOverwrite = step.mayOverwrite()
                        && !wanted.containsValue(step.inputs()[0])
                        && !changes.containsKey(step.inputs()[0])
                        && !skips.seen().contains(step.inputs()[0]);
                run(step, values, changes, skips, watcher, mayOverwrite);
                for (int slot : step.done()) {
                    if (!wanted.containsValue(slot)) {
                        free(values, slot);
                    }
                }
            }
            Map<String, Tensor> byName = new HashMap<>();
            wanted.forEach((name, slot) -> byName.put(name, Torch.handOver(scope, float32(value(values, slot)))));
            return new Outputs(byName);
        }
    }

    private Tensor held(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException(
                    "the graph has no parameter " + name + "; it has " + parameters.keySet());
        }
        return parameter.detach();
    }

    /** Looks for the features of a graph that does not name them, by one run of ONNX Runtime at this size. */
    private FeatureTaps.Places places(Tensor images) {
        try {
            return FeatureTaps.find(toModel(), (int) images.size(2), (int) images.size(3));
        } catch (ModelFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private SkipChange skips(Taps taps, Tensor images) {
        UnaryOperator<Tensor> change = taps.changes().get(Taps.SKIPS);
        return change == null
                ? SkipChange.NONE
                : new SkipChange(
                        plan.skips(() -> places(images), found -> FeatureTaps.decoder(model, found.encoder())), change);
    }

    private void run(
            Step step,
            @Nullable Tensor[] values,
            Map<Integer, UnaryOperator<Tensor>> changes,
            SkipChange skips,
            @Nullable BiConsumer<String, Tensor> watcher,
            boolean mayOverwrite) {
        int[] from = step.inputs();
        @Nullable Tensor[] read = new Tensor[from.length];
        for (int i = 0; i < from.length; i++) {
            Tensor value = from[i] == Plan.ABSENT ? null : skips.read(from[i], values[from[i]], step);
            read[i] = value != null && step.narrow() ? precision.narrowed(value, device) : value;
        }
        boolean learning = training && !step.inUse();
        Tensor[] given = step.operation().run(new Inputs(step.name(), read, learning, mayOverwrite));
        int[] to = step.outputs();
        for (int i = 0; i < to.length; i++) {
            if (to[i] == Plan.ABSENT) {
                continue; // an output that nobody asked for
            }
            UnaryOperator<Tensor> change = changes.get(to[i]);
            values[to[i]] = change == null ? given[i] : change.apply(given[i]);
            if (watcher != null) {
                watcher.accept(step.name(), values[to[i]]);
            }
        }
    }

    private static void free(@Nullable Tensor[] values, int slot) {
        Tensor value = values[slot];
        if (value != null) {
            value.close();
            values[slot] = null;
        }
    }

    /** What leaves the network is float32, in whatever it was computed. */
    private static Tensor float32(Tensor value) {
        torch.ScalarType type = value.scalar_type().intern();
        boolean narrow = type == torch.ScalarType.BFloat16 || type == torch.ScalarType.Half;
        return narrow ? value.to(torch.ScalarType.Float) : value;
    }

    private static Tensor value(@Nullable Tensor[] values, int slot) {
        Tensor value = values[slot];
        if (value == null) {
            throw new IllegalStateException("a value that is wanted was not kept");
        }
        return value;
    }

    @Override
    public void train() {
        training = true;
    }

    @Override
    public void eval() {
        training = false;
    }

    @Override
    public void compute(Precision with) {
        precision = with;
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public boolean isTraining() {
        return training;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    @Override
    public Map<String, Tensor> buffers() {
        return Collections.unmodifiableMap(buffers);
    }

    @Override
    public Set<String> head() {
        return plan.head();
    }

    @Override
    public String readerOf(String parameter) {
        return plan.readerOf(parameter);
    }

    @Override
    public void clearGradients() {
        try (PointerScope scope = new PointerScope()) {
            Tensor none = new Tensor();
            for (Tensor parameter : parameters.values()) {
                parameter.mutable_grad().put(none);
            }
        }
    }

    @Override
    public GraphNetwork copy() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            weights.forEach((name, tensor) ->
                    copies.put(name, Torch.keep(tensor.detach().clone())));
        }
        GraphNetwork copy = new GraphNetwork(model, plan, device, copies);
        copy.training = training;
        copy.precision = precision;
        return copy;
    }

    @Override
    public void copyWeightsFrom(SegmentationNetwork other) {
        average(other, 0);
    }

    @Override
    public void average(SegmentationNetwork other, double decay, Set<String> except) {
        if (!(decay >= 0 && decay <= 1)) {
            throw new IllegalArgumentException("the decay of an average is in [0, 1], found " + decay);
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            move(without(except, parameters), other.parameters(), decay);
            move(without(except, buffers), other.buffers(), decay);
        }
    }

    private static Map<String, Tensor> without(Set<String> names, Map<String, Tensor> tensors) {
        Map<String, Tensor> left = new LinkedHashMap<>(tensors);
        left.keySet().removeAll(names);
        return left;
    }

    private static void move(Map<String, Tensor> own, Map<String, Tensor> others, double decay) {
        if (!others.keySet().containsAll(own.keySet())) {
            throw new IllegalArgumentException("the other network lacks weights: "
                    + own.keySet().stream()
                            .filter(name -> !others.containsKey(name))
                            .toList());
        }
        Scalar share = new Scalar(1 - decay);
        own.forEach((name, tensor) -> {
            Tensor other = Objects.requireNonNull(others.get(name));
            if (!tensor.is_same_size(other)) {
                throw new IllegalArgumentException("the weight '" + name + "' has another shape in the other network");
            }
            if (decay == 0) {
                tensor.copy_(other);
            } else {
                tensor.lerp_(other, share);
            }
        });
    }

    @Override
    public ModelProto toModel() {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto proto = graph.getInitializer(i);
            if (parameters.containsKey(proto.getName()) || buffers.containsKey(proto.getName())) {
                graph.setInitializer(i, TensorProtos.write(proto, get(proto.getName())));
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    @Override
    public Device device() {
        return device;
    }

    private Tensor get(String name) {
        return Objects.requireNonNull(weights.get(name));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            weights.values().forEach(Torch::release);
        }
    }
}
