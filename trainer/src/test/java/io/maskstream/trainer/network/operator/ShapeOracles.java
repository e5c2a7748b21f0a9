package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.List;

/** What graphs reckon with shapes, the values made from them, and the choice between parts of a graph. */
final class ShapeOracles {
    private ShapeOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("Shape", ShapeOracles::shape),
                OracleEntry.of(
                                "Size",
                                draw -> draw.node("Size", List.of(draw.noise(draw.shape(draw.between(0, 4), 4)))))
                        .draws(4),
                OracleEntry.of("ConstantOfShape", ShapeOracles::constant),
                OracleEntry.of("Range", ShapeOracles::range),
                OracleEntry.of("Range", ShapeOracles::rangeOfFloats).form("floats"),
                OracleEntry.of("EyeLike", ShapeOracles::eye),
                OracleEntry.of("Cast", ShapeOracles::cast).draws(24),
                OracleEntry.of("Cast", ShapeOracles::castToFloat).form("to floats"),
                OracleEntry.of("CastLike", ShapeOracles::castLike).draws(8),
                OracleEntry.of("Identity", draw -> draw.node("Identity", List.of(draw.noise(draw.shape(3, 4)))))
                        .draws(4),
                OracleEntry.of("If", ShapeOracles::squeezed).form("around a squeeze"),
                OracleEntry.of("If", ShapeOracles::nested)
                        .form("within another")
                        .draws(6));
    }

    private static String shape(Draw draw) {
        List<AttributeProto> attributes = new ArrayList<>();
        for (String name : List.of("start", "end")) {
            if (draw.opset() >= 15 && draw.chance()) {
                attributes.add(integer(name, draw.between(-6, 6)));
            }
        }
        String value = draw.noise(draw.shape(draw.between(0, 4), 5));
        return draw.node("Shape", List.of(value), attributes.toArray(AttributeProto[]::new));
    }

    private static String constant(Draw draw) {
        String shape = draw.list(draw.integers(draw.between(0, 3), 1, 3));
        if (draw.chance()) {
            return draw.node("ConstantOfShape", List.of(shape));
        }
        TensorProto.Builder value = TensorProto.newBuilder().addDims(1);
        switch (draw.between(0, 4)) {
            case 0 -> value.setDataType(TensorProto.DataType.FLOAT_VALUE).addFloatData(-0.3f);
            case 1 ->
                value.setDataType(TensorProto.DataType.INT64_VALUE).addInt64Data(draw.any(-1L, 7L, Long.MAX_VALUE));
            case 2 -> value.setDataType(TensorProto.DataType.INT32_VALUE).addInt32Data(3);
            case 3 -> value.setDataType(TensorProto.DataType.BOOL_VALUE).addInt32Data(1);
            default -> value.setDataType(TensorProto.DataType.DOUBLE_VALUE).addDoubleData(0.1);
        }
        AttributeProto attribute = AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(value)
                .build();
        return draw.node("ConstantOfShape", List.of(shape), attribute);
    }

    private static String range(Draw draw) {
        long start = draw.between(-5, 5);
        return draw.node(
                "Range",
                List.of(
                        draw.graph().integer(start),
                        draw.graph().integer(start + draw.between(-6, 6)),
                        draw.graph().integer(draw.any(-2, -1, 1, 2, 3))));
    }

    private static String rangeOfFloats(Draw draw) {
        float step = draw.any(-0.5f, 0.25f, 0.7f, 1f);
        float start = draw.between(-3, 3);
        float limit = start + step * (draw.between(0, 6) + 0.4f);
        return draw.node(
                "Range",
                List.of(
                        draw.constant(new float[] {start}),
                        draw.constant(new float[] {limit}),
                        draw.constant(new float[] {step})));
    }

    private static String eye(Draw draw) {
        List<AttributeProto> attributes = new ArrayList<>();
        if (draw.chance()) {
            attributes.add(integer("k", draw.between(-3, 3)));
        }
        if (draw.chance()) {
            int[] types = {TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.INT64_VALUE};
            attributes.add(integer("dtype", types[draw.between(0, 1)]));
        }
        return draw.node("EyeLike", List.of(draw.noise(draw.shape(2, 5))), attributes.toArray(AttributeProto[]::new));
    }

    /** Another type and back, whose values lie clear of where whole numbers change; beside them a value that has a gradient. */
    private static String cast(Draw draw) {
        Integer wanted = draw.any(
                TensorProto.DataType.DOUBLE_VALUE,
                TensorProto.DataType.INT64_VALUE,
                TensorProto.DataType.INT32_VALUE,
                TensorProto.DataType.BOOL_VALUE);
        String value = draw.noise(draw.shape(draw.between(0, 3), 4), -2, -1, 0, 1, 2);
        String there = draw.node("Cast", List.of(value), integer("to", wanted));
        String whole = draw.node("Cast", List.of(there), integer("to", TensorProto.DataType.DOUBLE_VALUE));
        String own = draw.node("Cast", List.of(value), integer("to", TensorProto.DataType.DOUBLE_VALUE));
        return draw.node("Add", List.of(whole, own));
    }

    private static String castToFloat(Draw draw) {
        Integer between = draw.any(
                TensorProto.DataType.FLOAT16_VALUE, TensorProto.DataType.INT64_VALUE, TensorProto.DataType.BOOL_VALUE);
        String value = draw.constant(new float[] {-3.3f, -0.7f, 0, 0.1f, 2.6f}, 5);
        String there = draw.node("Cast", List.of(value), integer("to", between));
        String back = draw.node("Cast", List.of(there), integer("to", TensorProto.DataType.FLOAT_VALUE));
        return draw.node("Mul", List.of(back, draw.noise(new long[] {5})));
    }

    private static String castLike(Draw draw) {
        String like = draw.noise(new long[] {3});
        String whole = draw.list(draw.integers(3, -5, 5));
        String there = draw.node("CastLike", List.of(whole, like));
        String back = draw.node("CastLike", List.of(like, whole)); // cut towards zero
        draw.compare(List.of(back));
        return draw.node("Mul", List.of(there, like));
    }

    /** As an exporter writes a squeeze of an axis whose side it does not know. */
    private static String squeezed(Draw draw) {
        long[] shape = {2, draw.between(1, 2), 3};
        String noise = draw.noise(shape);
        String real = draw.node("Cast", List.of(draw.list(shape)), integer("to", TensorProto.DataType.FLOAT_VALUE));
        String whole = draw.node("Cast", List.of(real), integer("to", TensorProto.DataType.INT64_VALUE));
        String value = draw.node("Reshape", List.of(noise, whole)); // so that no shape is known before it runs
        String side = draw.node(
                "Gather",
                List.of(draw.node("Shape", List.of(value)), draw.graph().integer(1)));
        String isOne = draw.node("Equal", List.of(side, draw.graph().integer(1)));
        String axes = draw.list(1);
        NodeProto.Builder squeeze = NodeProto.newBuilder().setOpType("Squeeze").addInput(value);
        if (draw.opset() < 13) {
            squeeze.addAttribute(ints("axes", 1));
        } else {
            squeeze.addInput(axes);
        }
        return draw.node(
                "If",
                List.of(isOne),
                branch("then_branch", squeeze),
                branch(
                        "else_branch",
                        NodeProto.newBuilder().setOpType("Identity").addInput(value)));
    }

    /** Both branches hold a constant of their own, and one another choice. */
    private static String nested(Draw draw) {
        String outer = draw.node("Squeeze", List.of(draw.truths(1)));
        String inner = draw.node("Squeeze", List.of(draw.truths(1)));
        String value = draw.noise(new long[] {2, 3});
        NodeProto.Builder choice = NodeProto.newBuilder()
                .setOpType("If")
                .addInput(inner)
                .addAttribute(branch(
                        "then_branch", NodeProto.newBuilder().setOpType("Exp").addInput(value)))
                .addAttribute(branch(
                        "else_branch", NodeProto.newBuilder().setOpType("Neg").addInput(value)));
        return draw.node("If", List.of(outer), branch("then_branch", choice), doubled(value));
    }

    private static AttributeProto branch(String name, NodeProto.Builder node) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName(name);
        graph.addNode(node.addOutput(name + "-result"));
        graph.addOutputBuilder().setName(name + "-result");
        return attribute(name, graph);
    }

    private static AttributeProto doubled(String value) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("doubled");
        graph.addNodeBuilder()
                .setOpType("Constant")
                .addOutput("two")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(TensorProto.newBuilder()
                                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                                .addFloatData(2)));
        graph.addNodeBuilder().setOpType("Mul").addInput(value).addInput("two").addOutput("twice");
        graph.addOutputBuilder().setName("twice");
        return attribute("else_branch", graph);
    }

    private static AttributeProto attribute(String name, GraphProto.Builder graph) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(graph)
                .build();
    }
}
