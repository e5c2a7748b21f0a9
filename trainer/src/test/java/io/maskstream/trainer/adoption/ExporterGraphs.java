package io.maskstream.trainer.adoption;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.adoption.Layout;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small segmentation networks, written node by node the way each exporter writes them. */
final class ExporterGraphs {
    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    private static final int CLASSES = 5;

    /**
     * A file of an exporter.
     *
     * @param scores the value that has the class scores at the picture's size, before softmax or arg-max
     * @param layout of picture and scores
     */
    record Exported(ModelProto model, String scores, Layout layout, int height, int width) {}

    private final Random random = new Random(11);
    private final GraphBuilder graph;

    private ExporterGraphs(String name) {
        graph = GraphBuilder.empty(name);
    }

    /** torch.onnx.export in training-preserving mode: batch normalisation kept, names of modules, two outputs. */
    static Exported pytorchWithNormalisation() {
        ExporterGraphs export = new ExporterGraphs("main_graph");
        GraphBuilder graph = export.graph;
        graph.input("input", FLOAT, "batch", "3", "height", "width");
        String low = export.constant("/backbone/Constant_output_0", 0f);
        String high = export.constant("/backbone/Constant_1_output_0", 6f);
        graph.named("backbone.1.bias_shared", "Identity", List.of(graph.weight("backbone.1.bias", new float[8], 8)));
        String first = export.conv("/backbone/0/Conv_output_0", "input", "backbone.0.weight", 3, 8, 3, 2);
        String normal = export.norm("/backbone/1/BatchNormalization_output_0", first, "backbone.1.", "backbone.1.bias");
        String relu = graph.named("/backbone/2/Clip_output_0", "Clip", List.of(normal, low, high));
        String second = export.conv("/backbone/3/Conv_output_0", relu, "backbone.3.weight", 8, 8, 3, 1);
        String again =
                export.norm("/backbone/4/BatchNormalization_output_0", second, "backbone.4.", "backbone.1.bias_shared");
        String features = graph.named("/backbone/5/Relu_output_0", "Relu", List.of(again));
        String scores = export.conv("/classifier/Conv_output_0", features, "classifier.weight", 8, CLASSES, 1, 1);
        String auxiliary = export.conv("/aux/Conv_output_0", relu, "aux_classifier.weight", 8, CLASSES, 1, 1);
        String shape = graph.named("/Shape_output_0", "Shape", List.of("input"));
        String sides = graph.named(
                "/Slice_output_0",
                "Slice",
                List.of(
                        shape,
                        export.constants("/Constant_2_output_0", 2),
                        export.constants("/Constant_3_output_0", 4),
                        export.constants("/Constant_4_output_0", 0)));
        export.upTo("out", scores, "", sides);
        export.upTo("aux", auxiliary, "", sides);
        graph.output("aux", FLOAT, "batch", "5", "height", "width");
        graph.output("out", FLOAT, "batch", "5", "height", "width");
        return new Exported(graph.build(), "out", Layout.NCHW, 48, 64);
    }

    /** The same exporter with constants folded, operator set 11, a fixed size and softmax between transposes. */
    static Exported pytorchFolded() {
        ExporterGraphs export = new ExporterGraphs("torch-jit-export");
        GraphBuilder graph = export.graph;
        graph.input("input.1", FLOAT, "1", "3", "48", "64");
        String first = export.biased("45", "input.1", "onnx::Conv_123", "onnx::Conv_124", 3, 8, 3, 2);
        String features = graph.named("46", "Relu", List.of(first));
        String mean = graph.named(
                "47",
                "ReduceMean",
                List.of(features),
                Attributes.ints("axes", 2, 3),
                Attributes.integer("keepdims", 0));
        String wide = graph.named("48", "Unsqueeze", List.of(mean), Attributes.ints("axes", 2, 3));
        String attended = graph.named("49", "Mul", List.of(features, graph.named("50", "Sigmoid", List.of(wide))));
        String scores = export.biased("51", attended, "onnx::Conv_126", "onnx::Conv_127", 8, CLASSES, 1, 1);
        String sizes = graph.integers(1, CLASSES, 48, 64);
        String empty = graph.weight("52", new float[0], 0);
        graph.named(
                "53",
                "Resize",
                List.of(scores, empty, empty, sizes),
                Attributes.text("mode", "linear"),
                Attributes.text("coordinate_transformation_mode", "align_corners"));
        String last = graph.named("54", "Transpose", List.of("53"), Attributes.ints("perm", 0, 2, 3, 1));
        String shares = graph.named("55", "Softmax", List.of(last), Attributes.integer("axis", 3));
        graph.named("56", "Transpose", List.of(shares), Attributes.ints("perm", 0, 3, 1, 2));
        graph.output("56", FLOAT, "1", "5", "48", "64");
        return new Exported(old(graph.build(), 11), "54", Layout.NCHW, 48, 64);
    }

    /** tf2onnx of a Keras model: NHWC outside, transposes, a Pad before a strided convolution, Mul and Add as norm. */
    static Exported keras() {
        ExporterGraphs export = new ExporterGraphs("tf2onnx");
        GraphBuilder graph = export.graph;
        String at = "StatefulPartitionedCall/model/";
        graph.input("input_1", FLOAT, "unk__1", "64", "64", "3");
        String scaled = graph.named(
                at + "rescaling/mul", "Mul", List.of("input_1", graph.weight("scale", new float[] {1 / 127.5f})));
        String centred =
                graph.named(at + "rescaling/add", "Add", List.of(scaled, graph.weight("offset", new float[] {-1})));
        String planes =
                graph.named(at + "Transpose__5", "Transpose", List.of(centred), Attributes.ints("perm", 0, 3, 1, 2));
        String padded = graph.named(at + "pad/Pad", "Pad", List.of(planes, graph.integers(0, 0, 0, 0, 0, 0, 1, 1)));
        String first = graph.named(
                at + "conv2d/Conv2D",
                "Conv",
                List.of(padded, export.weights(at + "conv2d/Conv2D/ReadVariableOp:0", 8, 3, 3, 3)),
                Attributes.ints("kernel_shape", 3, 3),
                Attributes.ints("strides", 2, 2),
                Attributes.text("auto_pad", "VALID"));
        String back =
                graph.named(at + "Transpose__8", "Transpose", List.of(first), Attributes.ints("perm", 0, 2, 3, 1));
        String times = graph.named(
                at + "bn/batchnorm/mul_1", "Mul", List.of(back, export.weights(at + "bn/batchnorm/mul:0", 8)));
        String plus = graph.named(
                at + "bn/batchnorm/add_1", "Add", List.of(times, export.weights(at + "bn/batchnorm/sub:0", 8)));
        String relu = graph.named(at + "re_lu/Relu6", "Clip", List.of(plus, graph.scalar(0), graph.scalar(6)));
        String again =
                graph.named(at + "Transpose__12", "Transpose", List.of(relu), Attributes.ints("perm", 0, 3, 1, 2));
        String scores =
                export.biased(at + "head/BiasAdd", again, at + "head/kernel:0", at + "head/bias:0", 8, CLASSES, 1, 1);
        String large = graph.named(
                at + "up_sampling2d/resize",
                "Resize",
                List.of(scores, "", graph.weight("scales", new float[] {1, 1, 2, 2}, 4)),
                Attributes.text("mode", "linear"),
                Attributes.text("coordinate_transformation_mode", "half_pixel"));
        String channelsLast =
                graph.named(at + "Transpose__15", "Transpose", List.of(large), Attributes.ints("perm", 0, 2, 3, 1));
        graph.named("softmax", "Softmax", List.of(channelsLast), Attributes.integer("axis", -1));
        graph.output("softmax", FLOAT, "unk__2", "64", "64", "5");
        return new Exported(old(graph.build(), 13), channelsLast, Layout.NHWC, 64, 64);
    }

    /** paddle2onnx: constants as nodes, dotted names with numbers, hard activations spelled out, arg-max at the end. */
    static Exported paddle() {
        ExporterGraphs export = new ExporterGraphs("Model from PaddlePaddle.");
        GraphBuilder graph = export.graph;
        graph.input("x", FLOAT, "-1", "3", "-1", "-1");
        String zero = export.constant("Constant_0", 0f);
        String six = export.constant("Constant_1", 6f);
        String three = export.constant("Constant_2", 3f);
        String first = export.conv("conv2d_0.tmp_0", "x", "conv2d_0.w_0", 3, 8, 3, 2);
        String normal = export.norm(
                "batch_norm_0.tmp_3", first, "batch_norm_0.", graph.weight("batch_norm_0.b_0", new float[8], 8));
        String shifted = graph.named("Add_0", "Add", List.of(normal, three));
        String gate = graph.named("Clip_0", "Clip", List.of(shifted, zero, six)); // HardSwish before operator set 14
        String swish = graph.named("Div_0", "Div", List.of(graph.named("Mul_0", "Mul", List.of(normal, gate)), six));
        String pooled = graph.named("pool2d_0.tmp_0", "GlobalAveragePool", List.of(swish));
        String squeezed = export.conv("conv2d_1.tmp_0", pooled, "conv2d_1.w_0", 8, 8, 1, 1);
        String hard = graph.named(
                "hardsigmoid_0.tmp_0",
                "HardSigmoid",
                List.of(squeezed),
                Attributes.real("alpha", 0.2),
                Attributes.real("beta", 0.5));
        String attended = graph.named("elementwise_mul_0", "Mul", List.of(swish, hard));
        String scores = export.conv("conv2d_2.tmp_0", attended, "conv2d_2.w_0", 8, CLASSES, 1, 1);
        String bias = graph.named(
                "Add_1",
                "Add",
                List.of(scores, graph.weight("conv2d_2.b_0", new float[] {0.1f, 0, -0.1f, 0.2f, 0}, 1, CLASSES, 1, 1)));
        String size = graph.named(
                "Slice_0",
                "Slice",
                List.of(
                        graph.named("Shape_0", "Shape", List.of("x")),
                        export.constants("Constant_3", 2),
                        export.constants("Constant_4", 4)));
        export.upTo("bilinear_interp_v2_0.tmp_0", bias, graph.weight("empty", new float[0], 0), size);
        graph.named(
                "argmax_0.tmp_0",
                "ArgMax",
                List.of("bilinear_interp_v2_0.tmp_0"),
                Attributes.integer("axis", 1),
                Attributes.integer("keepdims", 0));
        graph.output("argmax_0.tmp_0", TensorProto.DataType.INT64_VALUE, "-1", "-1", "-1");
        return new Exported(old(graph.build(), 11), "bilinear_interp_v2_0.tmp_0", Layout.NCHW, 48, 64);
    }

    private void upTo(String name, String value, String absent, String sides) {
        String kept =
                graph.node("Slice", List.of(graph.node("Shape", List.of(value)), graph.integers(0), graph.integers(2)));
        String target = graph.node("Concat", List.of(kept, sides), Attributes.integer("axis", 0));
        graph.named(
                name,
                "Resize",
                List.of(value, absent, absent, target),
                Attributes.text("mode", "linear"),
                Attributes.text("coordinate_transformation_mode", "half_pixel"));
    }

    private String conv(String output, String input, String weight, int in, int out, int kernel, int stride) {
        return convolution(output, List.of(input, weights(weight, out, in, kernel, kernel)), kernel, stride);
    }

    private String biased(
            String output, String input, String weight, String bias, int in, int out, int kernel, int stride) {
        return convolution(
                output, List.of(input, weights(weight, out, in, kernel, kernel), weights(bias, out)), kernel, stride);
    }

    private String convolution(String output, List<String> inputs, int kernel, int stride) {
        int pad = kernel / 2;
        return graph.named(
                output,
                "Conv",
                inputs,
                Attributes.ints("kernel_shape", kernel, kernel),
                Attributes.ints("strides", stride, stride),
                Attributes.ints("pads", pad, pad, pad, pad));
    }

    private String norm(String output, String input, String prefix, String bias) {
        float[] ones = new float[8];
        Arrays.fill(ones, 1);
        return graph.named(
                output,
                "BatchNormalization",
                List.of(
                        input,
                        graph.weight(prefix + "weight", ones, 8),
                        bias,
                        weights(prefix + "running_mean", 8),
                        graph.weight(prefix + "running_var", ones, 8)),
                Attributes.real("epsilon", 1e-5));
    }

    private String weights(String name, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        double scale = shape.length == 1 ? 0.3 : Math.sqrt(2.0 * shape[0] / count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return graph.weight(name, values, shape);
    }

    private String constant(String name, float value) {
        TensorProto tensor =
                TensorProto.newBuilder().setDataType(FLOAT).addFloatData(value).build();
        return graph.named(name, "Constant", List.of(), tensor(tensor));
    }

    private String constants(String name, long value) {
        TensorProto tensor = TensorProto.newBuilder()
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(1)
                .addInt64Data(value)
                .build();
        return graph.named(name, "Constant", List.of(), tensor(tensor));
    }

    private static AttributeProto tensor(TensorProto value) {
        return AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(value)
                .build();
    }

    /** An older file: another operator set, and every weight listed as an input as well. */
    private static ModelProto old(ModelProto model, int opset) {
        ModelProto.Builder old = model.toBuilder().setIrVersion(opset < 13 ? 3 : 7);
        old.getOpsetImportBuilder(0).setVersion(opset);
        if (opset < 13) {
            for (TensorProto weight : model.getGraph().getInitializerList()) {
                ValueInfoProto.Builder input = ValueInfoProto.newBuilder().setName(weight.getName());
                var type = input.getTypeBuilder().getTensorTypeBuilder().setElemType(weight.getDataType());
                weight.getDimsList()
                        .forEach(side -> type.getShapeBuilder().addDimBuilder().setDimValue(side));
                type.getShapeBuilder();
                old.getGraphBuilder().addInput(input);
            }
        }
        return old.build();
    }
}
