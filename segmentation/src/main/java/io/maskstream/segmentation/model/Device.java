package io.maskstream.segmentation.model;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs or learns.
 *
 * @param kind automatic, processor or accelerator
 * @param index which accelerator, counted from 0; 0 for the other kinds
 */
public record Device(Kind kind, int index) {
    /** The accelerator if there is one that works, else the processor. */
    public static final Device AUTO = new Device(Kind.AUTO, 0);

    /** The processor. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    private static final Pattern FORM = Pattern.compile("(auto|cpu|cuda)(?::(\\d{1,2}))?");

    /** The kinds of device. */
    public enum Kind {
        AUTO,
        CPU,
        CUDA
    }

    public Device {
        if (index < 0 || (index > 0 && kind != Kind.CUDA)) {
            throw new IllegalArgumentException("a " + kind + " device has no index " + index);
        }
    }

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}.
     *
     * @throws IllegalArgumentException for anything else, naming the forms
     */
    public static Device parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("unknown device '" + text + "'; expected auto, cpu, cuda or cuda:N");
        }
        Kind kind = Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        return new Device(kind, matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2)));
    }

    /** Says whether this may turn out to be an accelerator: it is one, or it is automatic and ONNX Runtime was built for CUDA. */
    public boolean mayBeAccelerator() {
        return kind == Kind.CUDA
                || (kind == Kind.AUTO && OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA));
    }

    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.CUDA ? name + ":" + index : name;
    }
}
