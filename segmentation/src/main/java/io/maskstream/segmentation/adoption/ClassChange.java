package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.model.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Gives a graph the classes that are asked for.
 *
 * <p>Either as they are, under names; or by a fresh classifier; or made of the old ones by a {@link ClassMap}. A single
 * score for foreground and background becomes two that say the same. Features without a classifier get one.
 */
final class ClassChange {
    private static final int MOST_CLASSES = 254;
    private static final long SEED = 17;
    private static final Set<String> ACTIVATIONS =
            Set.of("Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Selu", "HardSwish", "Gelu", "Mish", "Softplus");
    private static final Set<String> AFTER_MERGING = Set.of("Identity", "Resize");

    private final AdoptionOptions options;
    private final Findings findings;
    private final Layout layout;
    private ModelProto model;
    private String scores;
    private int channels;

    private ClassChange(ModelProto model, Scores scores, AdoptionOptions options, Findings findings) {
        this.model = model;
        this.scores = scores.value();
        this.layout = scores.layout();
        this.channels = scores.channels();
        this.options = options;
        this.findings = findings;
    }

    /** The graph with its classes. */
    record Result(ModelProto model, String scores, List<String> classes) {}

    /**
     * Changes a graph.
     *
     * @param known the names of the old classes if the file says them
     * @throws ModelFormatException if the classes that are asked for cannot be had, with what can be done
     */
    static Result apply(ModelProto model, Scores scores, List<String> known, AdoptionOptions options, Findings findings)
            throws ModelFormatException {
        return new ClassChange(model, scores, options, findings).result(known);
    }

    private Result result(List<String> known) throws ModelFormatException {
        ClassMap map = options.classMap();
        if (map == null && !options.classes().isEmpty()) {
            List<String> fresh = options.classes();
            replaceClassifier(fresh.size());
            return new Result(model, scores, fresh);
        }
        refuseFeatures();
        if (channels == 1) {
            widen();
        }
        List<String> old = oldNames(known, map != null);
        return map == null ? new Result(model, scores, old) : mapped(map, old);
    }

    private Result mapped(ClassMap map, List<String> old) throws ModelFormatException {
        List<String> classes = options.classes().isEmpty() ? map.classes() : options.classes();
        if (!Set.copyOf(classes).equals(Set.copyOf(map.classes()))) {
            throw new IllegalArgumentException("--classes names " + classes + ", the class map makes " + map.classes()
                    + "; name the same classes in both");
        }
        List<List<Integer>> indices = map.indices(old);
        List<List<Integer>> sources = classes.stream()
                .map(name -> indices.get(map.classes().indexOf(name)))
                .toList();
        if (options.merge() == Merge.MEAN) {
            Classifiers found = Classifiers.before(model, scores, layout, channels);
            if (found.isEmpty()) {
                throw new ModelFormatException("no classifier was found whose weights could be averaged: " + before()
                        + ". Merge the scores with --merge log-sum-exp");
            }
            model = found.means(model, sources);
            findings.rewriting("the classifier " + found.names() + " of " + channels + " classes is one of "
                    + classes.size() + ", each the mean of its old classes' weights and biases");
        } else {
            insert(at -> merged(at, sources));
            findings.rewriting(
                    "behind the " + channels + " old scores each of the " + classes.size()
                            + " new classes scores the log-sum-exp of its old classes, so its probability is the sum of theirs");
        }
        List<String> unused = map.unused(old);
        if (!unused.isEmpty()) {
            findings.fact("old classes that become nothing", String.join(", ", unused));
        }
        return new Result(model, scores, classes);
    }

    private void replaceClassifier(int classes) throws ModelFormatException {
        Classifiers found = Classifiers.before(model, scores, layout, channels);
        if (!found.isEmpty()) {
            model = found.fresh(model, classes, SEED);
            findings.rewriting("the classifier " + found.names() + " of " + channels + " classes is a fresh one of "
                    + classes + " (He et al., seed " + SEED + ", bias 0)");
            return;
        }
        GraphBuilder graph = GraphBuilder.on(model).within("classifier/");
        String features = scores;
        if (layout == Layout.NHWC) {
            features = graph.node("Transpose", List.of(scores), Attributes.ints("perm", 0, 3, 1, 2));
        }
        Random random = new Random(SEED);
        float[] weights = new float[Math.multiplyExact(classes, channels)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (Math.sqrt(2.0 / channels) * random.nextGaussian());
        }
        String made = graph.node(
                "Conv",
                List.of(
                        features,
                        graph.weight(graph.unique("weight"), weights, classes, channels, 1, 1),
                        graph.weight(graph.unique("bias"), new float[classes], classes)),
                Attributes.ints("kernel_shape", 1, 1)); // [N, classes, h, w]
        if (layout == Layout.NHWC) {
            made = graph.node("Transpose", List.of(made), Attributes.ints("perm", 0, 2, 3, 1));
        }
        findings.rewriting("the graph ends in " + channels + " features (" + before()
                + ") and not in a classifier; a fresh 1x1 convolution to " + classes + " classes is put on (seed "
                + SEED
                + ", bias 0)");
        model = graph.build();
        scores = made;
    }

    /** Refuses to take features for class scores. */
    private void refuseFeatures() throws ModelFormatException {
        NodeProto giver = new GraphView(model).giver(scores);
        while (giver != null && giver.getOpType().equals("Identity")) {
            giver = new GraphView(model).giver(giver.getInput(0));
        }
        boolean activated = giver != null && ACTIVATIONS.contains(giver.getOpType());
        boolean named = options.classMap() != null || !options.oldClasses().isEmpty();
        if (channels > MOST_CLASSES || (activated && !named)) {
            throw new ModelFormatException("'" + scores + "' has " + channels + " channels (" + before()
                    + "): these are features, not class scores. Give --classes to put a classifier on, or name the"
                    + " scores with --logits");
        }
    }

    private String before() {
        NodeProto giver = new GraphView(model).giver(scores);
        return giver == null ? "given by no node" : "given by " + GraphView.describe(giver);
    }

    private List<String> oldNames(List<String> known, boolean wanted) {
        List<String> names = options.oldClasses().isEmpty() ? known : options.oldClasses();
        if (names.isEmpty()) {
            List<String> numbered = IntStream.range(0, channels)
                    .mapToObj(index -> "class" + index)
                    .toList();
            if (!wanted) {
                findings.assumption("the graph does not name its " + channels
                        + " classes: they are called class0 to class" + (channels - 1)
                        + "; give the names with --old-classes");
            }
            return numbered;
        }
        if (names.size() != channels) {
            throw new IllegalArgumentException(names.size() + " old classes are named, '" + names.get(0) + "' to '"
                    + names.get(names.size() - 1) + "', but the network scores " + channels
                    + ". A list of labels often counts a background or void class that the network does not score;"
                    + " give exactly the network's classes in its order with --old-classes a,b,c");
        }
        return names;
    }

    /** Makes the score z of one class two of the same meaning: softmax over (-z/2, z/2) is sigmoid of z. */
    private void widen() {
        insert(at -> {
            GraphBuilder graph = GraphBuilder.on(model).within("two-classes/");
            String weight = graph.weight(graph.unique("weight"), new float[] {-0.5f, 0.5f}, 2, 1, 1, 1);
            String value = at;
            if (layout == Layout.NHWC) {
                value = graph.node("Transpose", List.of(value), Attributes.ints("perm", 0, 3, 1, 2));
            }
            value = graph.node("Conv", List.of(value, weight), Attributes.ints("kernel_shape", 1, 1));
            if (layout == Layout.NHWC) {
                value = graph.node("Transpose", List.of(value), Attributes.ints("perm", 0, 2, 3, 1));
            }
            model = graph.build();
            return value;
        });
        channels = 2;
        findings.rewriting(
                "the one score z of foreground becomes two, -z/2 and z/2, whose softmax is the sigmoid of z");
    }

    private String merged(String at, List<List<Integer>> sources) {
        GraphBuilder graph = GraphBuilder.on(model).within("merge/");
        int axis = layout.channelAxis();
        List<String> made = new ArrayList<>();
        for (List<Integer> old : sources) {
            long[] indices = old.stream().mapToLong(Integer::longValue).toArray();
            String taken = graph.node(
                    "Gather", List.of(at, graph.integers(indices)), Attributes.integer("axis", axis)); // [N, k, h, w]
            made.add(indices.length == 1 ? taken : graph.reduce("ReduceLogSumExp", taken, true, axis));
        }
        String all = graph.node("Concat", made, Attributes.integer("axis", axis));
        model = graph.build();
        return all;
    }

    private interface Making {
        /** Adds nodes that read a value and returns what they give. */
        String from(String value);
    }

    /** Puts nodes where scores are still small: in front of the last upscaling. */
    private void insert(Making making) {
        GraphView view = new GraphView(model);
        String at = scores;
        for (@Nullable NodeProto giver = view.giver(at);
                giver != null && AFTER_MERGING.contains(giver.getOpType());
                giver = view.giver(at)) {
            at = giver.getInput(0);
        }
        Set<String> before = Set.copyOf(outputs(model));
        String source = at;
        String made = making.from(source);
        model = Rewiring.reads(model, source, made, node -> before.contains(node.getOutput(0)));
        if (source.equals(scores)) {
            scores = made;
        }
    }

    private static List<String> outputs(ModelProto model) {
        List<String> outputs = new ArrayList<>();
        model.getGraph().getNodeList().forEach(node -> outputs.addAll(node.getOutputList()));
        return outputs;
    }
}
