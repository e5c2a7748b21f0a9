package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.nio.file.Path;
import java.util.Locale;

/** The numbers that a released graph computes in. The file says it under a key of its own, which survives new metadata. */
public enum ModelForm {
    /** As trained. */
    FLOAT32,
    /** Half precision, for accelerators. */
    FLOAT16,
    /** Eight-bit integers, for processors. */
    INT8;

    private static final String KEY = "maskstream-form";

    /** Returns the name in settings, events and files. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the form that a file says it is; one that says nothing is float32. */
    public static ModelForm of(ModelProto model) {
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (entry.getKey().equals(KEY)) {
                for (ModelForm form : values()) {
                    if (form.wireName().equals(entry.getValue())) {
                        return form;
                    }
                }
            }
        }
        return FLOAT32;
    }

    /** Returns where a form of a model file lies: {@code model.onnx} has its int8 form in {@code model.int8.onnx} beside it. */
    public Path beside(Path model) {
        if (this == FLOAT32) {
            return model;
        }
        String name = String.valueOf(model.getFileName());
        String stem = name.endsWith(".onnx") ? name.substring(0, name.length() - ".onnx".length()) : name;
        return model.resolveSibling(stem + "." + wireName() + ".onnx");
    }

    /** Returns the model with this form written into it. */
    ModelProto mark(ModelProto model) {
        ModelProto.Builder marked = model.toBuilder().clearMetadataProps();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (!entry.getKey().equals(KEY)) {
                marked.addMetadataProps(entry);
            }
        }
        marked.addMetadataPropsBuilder().setKey(KEY).setValue(wireName());
        return marked.build();
    }
}
