package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.adoption.InputRules.SizeRule;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphPruning;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.FrozenWeights;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.InsertedNormalisation;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.OpsetUpgrade;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes a foreign graph trainable: one picture in, class scores at the picture's size out, and metadata that says how.
 *
 * <p>What the network computes stays as it is, but for classes that are asked to change. Each step writes down what it
 * found, what it took for granted and what it rewrote ({@link Findings}).
 */
public final class Adoption {
    private static final int ASSUMED_SIDE = 512;
    private static final String PREFIX = "import/";

    private final AdoptionOptions options;
    private final Findings findings = new Findings();
    private final @Nullable ModelMetadata own;
    private final ModelProto declared;

    private Adoption(ModelProto file, AdoptionOptions options) throws ModelFormatException {
        this.options = options;
        this.own = ModelMetadata.isIn(file) ? ModelMetadata.read(file) : null;
        this.declared = own == null ? file : PseudoLabelHead.detach(file);
    }

    /**
     * A graph in our form.
     *
     * @param model trainable, with the output {@code logits} and metadata, without the pseudo-label head
     * @param findings what was found and changed
     */
    public record Adopted(ModelProto model, Findings findings) {}

    /**
     * Adopts a graph.
     *
     * @param file as {@link ModelFile} reads it
     * @throws ModelFormatException if the graph cannot be adopted, with what is wrong and what can be done
     * @throws IllegalArgumentException if what is asked for does not fit the graph
     */
    public static Adopted adopt(ModelProto file, AdoptionOptions options) throws ModelFormatException {
        return new Adoption(file, options).adopted();
    }

    private Adopted adopted() throws ModelFormatException {
        findings.operators(declared.getGraph().getNodeList().stream()
                .collect(Collectors.groupingBy(NodeProto::getOpType, TreeMap::new, Collectors.summingInt(node -> 1))));
        findings.fact("operator set", Integer.toString(GraphView.opset(declared)));
        Layout layout = InputRules.layout(declared, options, findings);
        ModelProto plain = ChosenBranches.inline(declared, layout, options, findings);
        ModelProto model = Tidying.tidy(plain, findings);
        int[] size;
        Scores scores;
        try (GraphRun trial = GraphRun.of(model, Scores.candidates(model, logitsName(model)))) {
            size = InputRules.size(declared, trial, layout, options);
            Map<String, long[]> shapes = trial.shapes(layout.shape(1, 3, size[0], size[1]));
            scores = Scores.find(model, logitsName(model), shapes, layout, size[0], size[1]);
        }
        model = withScoresOnly(model, scores);
        model = upgraded(model);
        model = Tidying.withFreeResizes(model, InputRules.resized(model, layout, size), findings);
        List<String> known = own == null ? List.of() : own.classes().names();
        ClassChange.Result changed = ClassChange.apply(model, scores, known, options, findings);
        model = Rewiring.inOrder(changed.model());
        Normalisation normalisation = normalisation(model);
        SizeRule rule;
        try (GraphRun trial = GraphRun.of(cutTo(model, changed.scores()), List.of())) {
            rule = InputRules.sizes(trial, changed.scores(), scores.layout(), layout, size, options);
        }
        model = finished(cutTo(model, changed.scores()), changed, scores, layout, size);
        ModelInput input = input(rule, size, layout, normalisation);
        findings.fact("classes", changed.classes().size() + ": " + String.join(", ", changed.classes()));
        requireFrozen(model);
        if (!options.pictures().isEmpty()) {
            model = normalised(model, input);
        }
        return new Adopted(metadata(changed.classes(), input).writeTo(model), findings);
    }

    private ModelProto normalised(ModelProto model, ModelInput input) throws ModelFormatException {
        if (!options.frozen().isEmpty()) {
            throw new IllegalArgumentException(
                    "a normalisation that is put back learns, also behind weights that are frozen: "
                            + "ask for one of the two, to freeze or to put back");
        }
        ModelInput oneSize =
                new ModelInput(input.height(), input.width(), SizePolicy.FIXED, 1, input.mean(), input.std());
        int values = 3 * input.height() * input.width();
        List<float[]> prepared = new ArrayList<>();
        for (RgbImage picture : options.pictures()) {
            FloatBuffer planes = FloatBuffer.allocate(values);
            PreparedImage.of(picture, oneSize).copyTo(planes);
            prepared.add(planes.array());
        }
        ModelProto with = InsertedNormalisation.insert(model, prepared, input.height(), input.width());
        int added = with.getGraph().getNodeCount() - model.getGraph().getNodeCount();
        if (added == 0) {
            throw new IllegalArgumentException(
                    "the graph has no convolution with a bias, so no batch normalisation was folded away");
        }
        findings.rewriting("batch normalisation follows " + added + " convolutions, measured on " + prepared.size()
                + " pictures: the same in use, and it learns in training");
        return with;
    }

    private @Nullable String logitsName(ModelProto model) {
        String name = options.logits();
        boolean moved = name != null
                && model.getGraph().getNodeList().stream()
                        .noneMatch(node -> node.getOutputList().contains(name));
        return moved ? "inner/" + name : name;
    }

    private ModelProto withScoresOnly(ModelProto model, Scores scores) throws ModelFormatException {
        findings.fact(
                "scores",
                "'" + scores.value() + "', " + scores.channels() + " channels " + scores.layout() + " at "
                        + scores.columns() + "x" + scores.rows() + " for the tried picture; " + scores.why());
        if (!scores.cut().isEmpty()) {
            findings.rewriting("the graph ends before " + String.join(", ", scores.cut())
                    + ": training needs the scores, and the pseudo-label head decides after them");
        }
        List<String> dropped = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        ModelProto cut = cutTo(model, scores.value());
        Set<String> left = cut.getGraph().getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .collect(Collectors.toSet());
        List<String> away =
                dropped.stream().filter(name -> !left.contains(name)).toList();
        if (dropped.size() > 1) {
            findings.rewriting("other outputs and the nodes that only they need are dropped: " + away);
        }
        return cut;
    }

    private ModelProto upgraded(ModelProto model) throws ModelFormatException {
        OpsetUpgrade.Upgraded upgraded = OpsetUpgrade.upgrade(model);
        if (GraphView.opset(model) < OpsetUpgrade.TARGET) {
            findings.rewriting("operator set " + GraphView.opset(model) + " becomes " + OpsetUpgrade.TARGET
                    + (upgraded.rewritten().isEmpty()
                            ? "; no node changes by it"
                            : "; written in its words: " + upgraded.rewritten()));
        }
        return upgraded.model();
    }

    /** Puts transposes around an NHWC graph, brings scores to the picture's size, and names them. */
    private ModelProto finished(
            ModelProto model, ClassChange.Result changed, Scores scores, Layout layout, int[] size) {
        ModelProto open = model;
        String picture = InputRules.name(open);
        if (layout == Layout.NHWC) {
            String inner = GraphBuilder.on(open).unique(PREFIX + "nhwc");
            open = Rewiring.reads(open, picture, inner, node -> true);
            GraphBuilder graph = GraphBuilder.on(open);
            graph.named(inner, "Transpose", List.of(picture), Attributes.ints("perm", 0, 2, 3, 1));
            open = graph.build();
            findings.rewriting("a Transpose in front takes pictures [N, 3, H, W], as training and serving give them");
        }
        GraphBuilder graph = GraphBuilder.on(open).within(PREFIX);
        String value = changed.scores();
        if (scores.layout() == Layout.NHWC) {
            value = graph.node("Transpose", List.of(value), Attributes.ints("perm", 0, 3, 1, 2));
            findings.rewriting("a Transpose behind the scores gives them as [N, C, H, W]");
        }
        if (!scores.areFullSize(size[0], size[1])) {
            value = resized(graph, value, picture);
            findings.rewriting("the scores, " + scores.columns() + "x" + scores.rows() + " for a picture of " + size[1]
                    + "x" + size[0] + ", are resized to the picture's size (linear, half_pixel)");
        }
        ModelProto built = withoutOtherLogits(graph.build(), value);
        if (value.equals(picture)) {
            throw new IllegalStateException("the scores are the picture");
        }
        ModelProto named = Rewiring.inOrder(Rewiring.renamed(built, value, PseudoLabelHead.LOGITS));
        GraphBuilder last = GraphBuilder.on(named).clearOutputs();
        last.output(
                PseudoLabelHead.LOGITS,
                TensorProto.DataType.FLOAT_VALUE,
                "N",
                Integer.toString(changed.classes().size()),
                "H",
                "W");
        last.clearInputs().input(picture, TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        return GraphPruning.keep(last.build(), List.of(PseudoLabelHead.LOGITS));
    }

    /** Exporters call the small scores before a resize logits too; that name is for the scores at the picture's size. */
    private static ModelProto withoutOtherLogits(ModelProto model, String scores) {
        return scores.equals(PseudoLabelHead.LOGITS)
                ? model
                : Rewiring.renamed(
                        model,
                        PseudoLabelHead.LOGITS,
                        GraphBuilder.on(model).within(PREFIX).unique("scores"));
    }

    private static String resized(GraphBuilder graph, String value, String picture) {
        String kept =
                graph.node("Slice", List.of(graph.node("Shape", List.of(value)), graph.integers(0), graph.integers(2)));
        String sides = graph.node(
                "Slice", List.of(graph.node("Shape", List.of(picture)), graph.integers(2), graph.integers(4)));
        String target = graph.node("Concat", List.of(kept, sides), Attributes.integer("axis", 0));
        return graph.node(
                "Resize",
                List.of(value, "", "", target),
                Attributes.text("mode", "linear"),
                Attributes.text("coordinate_transformation_mode", "half_pixel")); // [N, C, H, W]
    }

    private static ModelProto cutTo(ModelProto model, String value) {
        ModelProto.Builder open = model.toBuilder();
        ValueInfoProto.Builder output = ValueInfoProto.newBuilder().setName(value);
        output.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
        open.getGraphBuilder().clearOutput().addOutput(output);
        return GraphPruning.keep(open.build(), List.of(value));
    }

    private Normalisation normalisation(ModelProto model) {
        if (own == null || options.normalisation() != null) {
            return InputRules.normalisation(model, options, findings);
        }
        Normalisation kept =
                new Normalisation("the file's", own.input().mean(), own.input().std());
        findings.fact("normalisation", kept.toString());
        return kept;
    }

    private ModelInput input(SizeRule rule, int[] size, Layout layout, Normalisation normalisation) {
        int rows = size[0];
        int columns = size[1];
        boolean said = options.height() > 0 || InputRules.isSizeDeclared(declared, layout);
        if (own != null && options.height() == 0) {
            rows = own.input().height();
            columns = own.input().width();
        } else if (!said && rule.policy() == SizePolicy.STRIDE) {
            rows = ASSUMED_SIDE;
            columns = ASSUMED_SIDE;
            findings.assumption("the graph takes any size and does not say at which it was trained: " + columns + "x"
                    + rows + " is taken; say it with --size WxH");
        }
        SizePolicy policy = policy(rule, said);
        String others = rule.policy() == SizePolicy.FIXED
                ? "the graph runs at no other"
                : "the graph runs at all multiples of " + rule.multiple() + " too";
        String pictures = policy == SizePolicy.FIXED
                ? "pictures are resized to it"
                : "pictures keep their size, rounded to multiples of " + rule.multiple();
        findings.fact("input size", columns + "x" + rows + ": " + pictures + "; " + others);
        return new ModelInput(rows, columns, policy, rule.multiple(), normalisation.mean(), normalisation.std());
    }

    /** A network does best at the size that it was trained at, so pictures are brought to it where it is known. */
    private SizePolicy policy(SizeRule rule, boolean isSizeKnown) {
        if (options.sizePolicy() != null) {
            return rule.policy();
        }
        if (own != null) {
            return own.input().sizePolicy();
        }
        return isSizeKnown ? SizePolicy.FIXED : rule.policy();
    }

    private void requireFrozen(ModelProto model) {
        for (String pattern : options.frozen()) {
            if (FrozenWeights.of(model.getGraph(), List.of(pattern)).isEmpty()) {
                throw new IllegalArgumentException("--freeze " + pattern
                        + " names no weight and no node that reads one; * stands for any text. The first weights are "
                        + model.getGraph().getInitializerList().stream()
                                .map(TensorProto::getName)
                                .limit(8)
                                .toList());
            }
        }
    }

    private ModelMetadata metadata(List<String> classes, ModelInput input) {
        if (own == null) {
            return ModelMetadata.starting(options.line(), options.name() + "-import", ClassList.of(classes), input)
                    .withFrozen(options.frozen());
        }
        boolean same = own.classes().names().equals(classes);
        ModelMetadata kept = own.withInput(input);
        if (!options.frozen().isEmpty()) {
            kept = kept.withFrozen(options.frozen());
        }
        return same ? kept : kept.withClasses(ClassList.of(classes)).named(own.line(), own.version() + "-adapted");
    }
}
