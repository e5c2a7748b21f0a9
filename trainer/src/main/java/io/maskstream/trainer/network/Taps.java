package io.maskstream.trainer.network;

import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * What a forward pass gives or changes inside the graph, by the names of the graph's values.
 *
 * <p>The starting models name two: {@link #ENCODER}, the deepest features, and {@link #DECODER}, the features that the
 * classifier reads.
 *
 * @param values inner values to return beside the graph's outputs
 * @param changes applied to a value as soon as it is there, so that every reader sees the changed one: feature dropout,
 *     adversarial noise, mixing
 */
public record Taps(Set<String> values, Map<String, UnaryOperator<Tensor>> changes) {
    /** The deepest features of a starting model, {@code [N, D, h, w]}. */
    public static final String ENCODER = "encoder";

    /** The features that the classifier of a starting model reads, {@code [N, D, h, w]}. */
    public static final String DECODER = "decoder";

    /** Only the graph's own outputs, nothing changed. */
    public static final Taps NONE = new Taps(Set.of(), Map.of());

    public Taps {
        values = Set.copyOf(values);
        changes = Map.copyOf(changes);
    }

    /** Returns these values beside the outputs. */
    public static Taps of(String... values) {
        return new Taps(Set.of(values), Map.of());
    }

    /** Changes one value on its way. */
    public static Taps changing(String value, UnaryOperator<Tensor> change) {
        return new Taps(Set.of(), Map.of(value, change));
    }
}
