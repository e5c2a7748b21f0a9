package io.maskstream.trainer.network;

import io.maskstream.segmentation.model.ExtraBranches;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * What one forward pass gave, by name: the graph's outputs and the values that were tapped.
 *
 * <p>The tensors belong to the pointer scope in which the pass ran.
 */
public final class Outputs {
    /** The name of the class scores, {@code [N, C, H, W]} float32, unnormalised. */
    public static final String LOGITS = "logits";

    private final Map<String, Tensor> byName;

    public Outputs(Map<String, Tensor> byName) {
        this.byName = Map.copyOf(byName);
    }

    /** Returns the class scores of a branch that was added, {@code [N, C, H, W]}. */
    public Tensor logits(String branch) {
        return get(ExtraBranches.logits(branch));
    }

    /** Returns the same outputs with a branch's class scores in the place of the network's own. */
    public Outputs speaking(String branch) {
        Map<String, Tensor> spoken = new HashMap<>(byName);
        spoken.put(LOGITS, logits(branch));
        return new Outputs(spoken);
    }

    /** Returns the same outputs without gradient. */
    public Outputs detached() {
        Map<String, Tensor> detached = new HashMap<>();
        byName.forEach((name, value) -> detached.put(name, value.detach()));
        return new Outputs(detached);
    }

    /** Returns the class scores, {@code [N, C, H, W]}. */
    public Tensor logits() {
        return get(LOGITS);
    }

    /**
     * Returns an output or a tapped value.
     *
     * @throws IllegalArgumentException if the pass gave none of that name, with those there are
     */
    public Tensor get(String name) {
        Tensor value = byName.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the network gave no '" + name + "'; it gave " + byName.keySet());
        }
        return value;
    }

    /** Returns the names of all that the pass gave. */
    public Set<String> names() {
        return byName.keySet();
    }
}
