package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a graph takes as a picture: the order of axes, the sizes, and what the bytes are made into. */
final class InputRules {
    private static final int SMALLEST = 96;
    private static final int[] MULTIPLES = {1, 2, 4, 8, 16, 32, 64};
    private static final int[][] USUAL_SIZES = {{256, 320}, {512, 512}, {224, 224}};
    private static final Set<String> PASSING = Set.of("Identity", "Cast", "Transpose");
    private static final Set<String> ARITHMETIC = Set.of("Sub", "Add", "Mul", "Div");

    private InputRules() {}

    /**
     * Which sizes run.
     *
     * @param multiple what the sides have to be multiples of under {@link SizePolicy#STRIDE}, else 1
     */
    record SizeRule(SizePolicy policy, int multiple) {}

    /** Finds the order of axes, or throws if the graph does not say it and nobody else does. */
    static Layout layout(ModelProto model, AdoptionOptions options, Findings findings) throws ModelFormatException {
        Layout said = options.layout();
        TensorShapeProto shape = shape(model);
        boolean second = shape.getDim(1).getDimValue() == 3;
        boolean last = shape.getDim(3).getDimValue() == 3;
        if (said != null) {
            findings.fact("input layout", said + ", as was said");
            return said;
        }
        if (second == last) {
            throw new ModelFormatException("the input '" + name(model) + "' " + text(shape)
                    + " does not say which axis has the 3 channels of a picture; say --input-layout nchw or nhwc");
        }
        Layout found = second ? Layout.NCHW : Layout.NHWC;
        findings.fact("input layout", found + ", by the 3 channels in " + text(shape));
        return found;
    }

    /** Returns the name of the picture. */
    static String name(ModelProto model) {
        return GraphView.inputs(model.getGraph()).get(0).getName();
    }

    private static TensorShapeProto shape(ModelProto model) {
        ValueInfoProto input = GraphView.inputs(model.getGraph()).get(0);
        return input.getType().getTensorType().getShape();
    }

    private static String text(TensorShapeProto shape) {
        return shape.getDimList().stream()
                .map(side -> side.getDimValue() > 0 ? Long.toString(side.getDimValue()) : "?")
                .toList()
                .toString();
    }

    /**
     * Returns rows and columns at which the graph runs: those that were said, those that the file declares, or usual ones.
     *
     * @throws ModelFormatException if it runs at none of them
     */
    static int[] size(ModelProto declared, GraphRun trial, Layout layout, AdoptionOptions options)
            throws ModelFormatException {
        TensorShapeProto shape = shape(declared);
        int rows = (int) shape.getDim(layout.rowAxis()).getDimValue();
        int columns = (int) shape.getDim(layout.rowAxis() + 1).getDimValue();
        int[][] sizes = USUAL_SIZES;
        if (options.height() > 0) {
            sizes = new int[][] {{options.height(), options.width()}};
        } else if (rows > 0 && columns > 0) {
            sizes = new int[][] {{rows, columns}};
        }
        for (int[] size : sizes) {
            if (!trial.shapes(layout.shape(1, 3, size[0], size[1])).isEmpty()) {
                return size;
            }
        }
        throw new ModelFormatException("the graph does not run on a picture of " + sizes[0][1] + "x" + sizes[0][0]
                + " (ONNX Runtime: " + trial.failure() + "); say the size that it takes with --size WxH");
    }

    /** Says whether the file gives the picture's sides as numbers. */
    static boolean isSizeDeclared(ModelProto declared, Layout layout) {
        return shape(declared).getDim(layout.rowAxis()).getDimValue() > 0
                && shape(declared).getDim(layout.rowAxis() + 1).getDimValue() > 0;
    }

    /**
     * Tries which sizes run, and that a batch does.
     *
     * @param scores the value of the scores, whose sides have to follow the picture's
     * @param base rows and columns at which the graph is known to run
     * @throws ModelFormatException if a batch of two does not run
     */
    static SizeRule sizes(
            GraphRun trial, String scores, Layout scoresLayout, Layout layout, int[] base, AdoptionOptions options)
            throws ModelFormatException {
        long[] one = trial.shapes(layout.shape(1, 3, base[0], base[1])).get(scores);
        if (trial.shapes(layout.shape(2, 3, base[0], base[1])).isEmpty()) {
            throw new ModelFormatException("the graph does not run on two pictures at once (ONNX Runtime: "
                    + trial.failure() + "), so it cannot be trained on batches; export it with a free batch axis");
        }
        SizePolicy said = options.sizePolicy();
        if (said == SizePolicy.FIXED || one == null) {
            return new SizeRule(SizePolicy.FIXED, 1);
        }
        int row = scoresLayout.rowAxis();
        for (int multiple : said == null ? MULTIPLES : new int[] {options.multiple()}) {
            if (follows(trial, scores, row, layout, multiple, one, base)) {
                return new SizeRule(SizePolicy.STRIDE, multiple);
            }
        }
        if (said != null) {
            throw new IllegalArgumentException("the graph does not run on every size that is a multiple of "
                    + options.multiple() + " (ONNX Runtime: " + trial.failure() + "); leave --size-rule away and the"
                    + " multiple is sought");
        }
        return new SizeRule(SizePolicy.FIXED, 1);
    }

    private static boolean follows(
            GraphRun trial, String scores, int row, Layout layout, int multiple, long[] one, int[] base) {
        int least = (SMALLEST + multiple - 1) / multiple;
        int odd = least + 1 - least % 2; // an odd number of steps shows what only larger multiples would hide
        int[][] sizes = {{odd * multiple, (odd + 2) * multiple}, {(odd + 3) * multiple, odd * multiple}};
        for (int[] size : sizes) {
            long[] found = trial.shapes(layout.shape(1, 3, size[0], size[1])).get(scores);
            if (found == null) {
                return false;
            }
            for (int side = 0; side < 2; side++) {
                double expected = size[side] * (double) one[row + side] / base[side];
                boolean full = one[row + side] == base[side];
                if (Math.abs(found[row + side] - expected) > (full ? 0 : 1.5)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Finds how bytes become numbers; a graph only shows it where it begins with arithmetic on the picture. */
    static Normalisation normalisation(ModelProto model, AdoptionOptions options, Findings findings) {
        Normalisation said = options.normalisation();
        NodeProto own = arithmetic(model);
        if (said != null) {
            findings.fact("normalisation", said + ", as was said");
            return said;
        }
        if (own != null) {
            Normalisation found = takesBytes(own, new GraphView(model)) ? Normalisation.BYTES : Normalisation.UNIT;
            findings.fact("normalisation", "in the graph, which begins with " + GraphView.describe(own));
            findings.assumption("by its constants the graph's own normalisation takes numbers from 0 to "
                    + (found.equals(Normalisation.BYTES) ? "255" : "1")
                    + "; if that is wrong, say --normalisation bytes or unit");
            return found;
        }
        findings.fact("normalisation", Normalisation.SYMMETRIC + ", assumed");
        findings.assumption("a graph does not show how bytes were normalised: byte / 127.5 - 1 is taken. If the network"
                + " was trained otherwise its masks will be poor; say --normalisation imagenet, unit or bytes, or --mean"
                + " and --std");
        return Normalisation.SYMMETRIC;
    }

    private static @Nullable NodeProto arithmetic(ModelProto model) {
        GraphView view = new GraphView(model);
        String at = name(model);
        while (true) {
            List<NodeProto> readers = view.readers(at).stream()
                    .filter(node -> !node.getOpType().equals("Shape"))
                    .toList();
            if (readers.size() != 1) {
                return null;
            }
            NodeProto node = readers.get(0);
            if (ARITHMETIC.contains(node.getOpType())) {
                return view.variables(node).size() == 1 ? node : null;
            }
            if (!PASSING.contains(node.getOpType())) {
                return null;
            }
            at = node.getOutput(0);
        }
    }

    private static boolean takesBytes(NodeProto node, GraphView view) {
        float largest = 0;
        for (String input : node.getInputList()) {
            TensorProto constant = view.constant(input);
            if (constant != null && constant.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
                for (float value : TensorValues.floats(constant)) {
                    largest = Math.max(largest, Math.abs(value));
                }
            }
        }
        // Dividing by a deviation or subtracting a mean of bytes shows in numbers far above 1, multiplying far below.
        return node.getOpType().equals("Mul") ? largest < 0.05 : largest > 2;
    }

    /** Returns the shapes of values that are resized, to tell sizes of pictures from those of batch and channels. */
    static Map<String, long[]> resized(ModelProto model, Layout layout, int[] size) throws ModelFormatException {
        List<String> values = model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Resize") && node.getInputCount() == 4)
                .map(node -> node.getInput(0))
                .toList();
        if (values.isEmpty()) {
            return Map.of();
        }
        try (GraphRun trial = GraphRun.of(model, values)) {
            return trial.shapes(layout.shape(1, 3, size[0], size[1]));
        }
    }
}
