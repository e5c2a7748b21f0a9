package io.maskstream.trainer.network;

import io.maskstream.trainer.network.Plan.Skips;
import io.maskstream.trainer.network.Plan.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one pass changes of the values that the decoder reads beside the deepest features. The encoder's own layers may read on from the
 * same values, as those of a U-Net do; they see them unchanged.
 */
final class SkipChange {
    /** Changes nothing. */
    static final SkipChange NONE = new SkipChange(new Skips(Plan.ABSENT, Set.of(), Set.of()), UnaryOperator.identity());

    private final Skips skips;
    private final UnaryOperator<Tensor> change;
    private final Set<Integer> seen;
    private final Map<Integer, Tensor> changed = new HashMap<>();

    SkipChange(Skips skips, UnaryOperator<Tensor> change) {
        this.skips = skips;
        this.change = change;
        this.seen = new HashSet<>(skips.besides());
        if (!seen.isEmpty()) {
            seen.add(skips.encoder());
        }
    }

    /** Returns the values that must be there as they are, so that a node reads either the encoder's or the decoder's. */
    Set<Integer> seen() {
        return seen;
    }

    /** Returns what a step reads as a value: of the decoder's steps the changed one, the same for all of them. */
    @Nullable
    Tensor read(int slot, @Nullable Tensor value, Step reader) {
        if (value == null || !skips.besides().contains(slot) || !skips.decoder().contains(reader.outputs()[0])) {
            return value;
        }
        Tensor known = changed.get(slot);
        if (known == null) {
            known = change.apply(value);
            changed.put(slot, known);
        }
        return known;
    }
}
