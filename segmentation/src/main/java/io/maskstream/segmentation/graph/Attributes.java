package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import org.jspecify.annotations.Nullable;

/** The attributes of a node, written and read in short. */
public final class Attributes {
    private Attributes() {}

    /** Returns a node's attribute, null if the node does not have it. */
    public static @Nullable AttributeProto of(NodeProto node, String name) {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getName().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    /** Returns a node's integer, or what holds where the node does not have it. */
    public static long integerOf(NodeProto node, String name, long otherwise) {
        AttributeProto attribute = of(node, name);
        return attribute == null ? otherwise : attribute.getI();
    }

    /** Returns a list of integers. */
    public static AttributeProto ints(String name, long... values) {
        AttributeProto.Builder builder =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            builder.addInts(value);
        }
        return builder.build();
    }

    /** Returns an integer. */
    public static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    /** Returns a real number. */
    public static AttributeProto real(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    /** Returns a text. */
    public static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(com.google.protobuf.ByteString.copyFromUtf8(value))
                .build();
    }
}
