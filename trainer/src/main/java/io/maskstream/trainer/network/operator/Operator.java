package io.maskstream.trainer.network.operator;

/**
 * An ONNX operator that can be trained through: a row of the table in {@code docs/operators.md}.
 *
 * <p>A family of operators is a class that returns its rows; a row starts with {@link #of} and says only what differs from
 * the common case.
 *
 * @param name the operator's name in the standard
 * @param since the first operator set, of {@link #FIRST_OPSET} to {@link #LAST_OPSET}, in which it runs here
 * @param tolerance how far a value in float32 may lie from that of ONNX Runtime: at most {@code tolerance * (1 + |value|)}
 * @param gradient whether a derivative flows through it
 * @param notes its limits and choices in a line, or nothing
 * @param factory makes a node of it ready to run
 */
public record Operator(
        String name, int since, double tolerance, Gradient gradient, String notes, OperationFactory factory) {
    /** The oldest operator set that is read. */
    public static final int FIRST_OPSET = 11;

    /** The newest operator set that is read. */
    public static final int LAST_OPSET = 21;

    private static final double USUAL_TOLERANCE = 1e-5;

    /** Whether a derivative flows from an operator's outputs to its inputs. */
    public enum Gradient {
        /** It flows, and is compared with finite differences in double precision. */
        FLOWS,
        /** There is none: the values are integers, truths or steps. */
        NONE
    }

    public Operator {
        if (since < FIRST_OPSET || since > LAST_OPSET) {
            throw new IllegalArgumentException("the operator " + name + " is said to run since operator set " + since
                    + "; expected " + FIRST_OPSET + " to " + LAST_OPSET);
        }
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw new IllegalArgumentException("the tolerance of " + name + " is in [0, 1), found " + tolerance);
        }
    }

    /** An operator that is there in every operator set read here, has a gradient and no limits. */
    static Operator of(String name, OperationFactory factory) {
        return new Operator(name, FIRST_OPSET, USUAL_TOLERANCE, Gradient.FLOWS, "", factory);
    }

    /** Says that it came with an operator set. */
    Operator since(int opset) {
        return new Operator(name, opset, tolerance, gradient, notes, factory);
    }

    /** Says how far it may lie from ONNX Runtime. */
    Operator within(double tolerated) {
        return new Operator(name, since, tolerated, gradient, notes, factory);
    }

    /** Says that it has no gradient. */
    Operator withoutGradient() {
        return new Operator(name, since, tolerance, Gradient.NONE, notes, factory);
    }

    /** Tells a limit or choice. */
    Operator noting(String note) {
        return new Operator(name, since, tolerance, gradient, note, factory);
    }

    /** Returns where the standard defines it. */
    public String definition() {
        return "https://onnx.ai/onnx/operators/onnx__" + name + ".html";
    }
}
