package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.AttributeProto;

/** The attributes of a node, in short. */
public final class Attributes {
    private Attributes() {}

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
