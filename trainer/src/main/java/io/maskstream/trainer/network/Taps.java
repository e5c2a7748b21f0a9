package io.maskstream.trainer.network;

import io.maskstream.segmentation.model.FeatureTaps;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * What a forward pass gives or changes inside the graph, by the names of the graph's values.
 *
 * <p>Two names hold for every graph: {@link #ENCODER}, the deepest features, and {@link #DECODER}, the features that the
 * classifier reads. The starting models have such values; in a graph from elsewhere {@link FeatureTaps} finds them when they are
 * first asked for. A branch that was added by {@link io.maskstream.segmentation.model.ExtraBranches} has an entry of its own.
 *
 * @param values inner values to return beside the graph's outputs
 * @param changes applied to a value as soon as it is there, so that every reader sees the changed one ({@link #SKIPS} alone is changed
 *     for the decoder only): feature dropout, adversarial noise, mixing
 * @param held parameters that this pass gives no gradient to
 */
public record Taps(Set<String> values, Map<String, UnaryOperator<Tensor>> changes, Set<String> held) {
    /** The deepest features, {@code [N, D, h, w]}. */
    public static final String ENCODER = FeatureTaps.ENCODER;

    /** The features that the classifier reads, {@code [N, D, h, w]}. */
    public static final String DECODER = FeatureTaps.DECODER;

    /**
     * As the name of a change: all values that the decoder reads beside {@link #ENCODER}, such as skip connections, as the decoder reads
     * them; what the encoder reads on from is not changed. Of some networks none.
     */
    public static final String SKIPS = "skips";

    /** Only the graph's own outputs, nothing changed. */
    public static final Taps NONE = new Taps(Set.of(), Map.of());

    public Taps {
        values = Set.copyOf(values);
        changes = Map.copyOf(changes);
        held = Set.copyOf(held);
    }

    /** Gives and changes, and holds no parameter. */
    public Taps(Set<String> values, Map<String, UnaryOperator<Tensor>> changes) {
        this(values, changes, Set.of());
    }

    /** Gives no gradient to some parameters. */
    public static Taps holding(Set<String> parameters) {
        return new Taps(Set.of(), Map.of(), parameters);
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
