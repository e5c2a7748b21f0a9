package io.maskstream.trainer.run;

import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Networks of a round that do not change any more, by name: its start, and what stages exported or marked. None has branches. */
final class Snapshots implements AutoCloseable {
    private static final String PREFIX = "snapshot/";

    private final Map<String, SegmentationNetwork> byName = new LinkedHashMap<>();

    /**
     * @param start copied, stays the caller's
     */
    Snapshots(SegmentationNetwork start) {
        byName.put(Stage.ROUND, start.copy());
    }

    /** Returns the network with which the round began. */
    SegmentationNetwork start() {
        return Objects.requireNonNull(byName.get(Stage.ROUND));
    }

    /** Returns a network; not to be changed. */
    SegmentationNetwork get(String name) {
        SegmentationNetwork network = byName.get(name);
        if (network == null) {
            throw new IllegalStateException("the round has no network " + name + "; there are " + names()
                    + ", and what the plan said it needs no more is freed");
        }
        return network;
    }

    /** Returns the names there are. */
    Set<String> names() {
        return new LinkedHashSet<>(byName.keySet());
    }

    /** Keeps the weights that a network has now, without its branches. */
    void take(String name, SegmentationNetwork from) {
        SegmentationNetwork copy = start().copy();
        copy.copyWeightsFrom(from);
        copy.eval();
        put(name, copy);
    }

    private void put(String name, SegmentationNetwork network) {
        SegmentationNetwork old = byName.put(name, network);
        if (old != null) {
            old.close();
        }
    }

    /** Frees all but the start and those of some names. */
    void retain(Set<String> needed) {
        for (String name : names()) {
            if (!needed.contains(name) && !name.equals(Stage.ROUND)) {
                Objects.requireNonNull(byName.remove(name)).close();
            }
        }
    }

    /** Sets in which numbers all compute. */
    void compute(Precision precision) {
        byName.values().forEach(network -> network.compute(precision));
    }

    /** Adds all but the start to a checkpoint. */
    void save(Map<String, Tensor> checkpoint) {
        Set<String> names = names();
        names.remove(Stage.ROUND);
        save(names, checkpoint);
    }

    /** Adds those of some names to a checkpoint. */
    void save(Set<String> names, Map<String, Tensor> checkpoint) {
        names.forEach(name -> save(PREFIX + name, get(name), checkpoint));
    }

    /** Puts what a checkpoint has in the place of all but the start. */
    void load(Map<String, Tensor> checkpoint) {
        retain(Set.of());
        add(checkpoint, UnaryOperator.identity());
    }

    /**
     * Adds what a checkpoint has.
     *
     * @param renamed gives each the name that it has here
     * @throws IllegalArgumentException if one does not fit the start's graph
     */
    void add(Map<String, Tensor> checkpoint, UnaryOperator<String> renamed) {
        String last = "/weight/";
        Set<String> names = new LinkedHashSet<>();
        for (String key : checkpoint.keySet()) {
            if (key.startsWith(PREFIX) && key.contains(last)) {
                names.add(key.substring(PREFIX.length(), key.indexOf(last)));
            }
        }
        for (String name : names) {
            SegmentationNetwork network = start().copy();
            put(renamed.apply(name), network);
            load(PREFIX + name, network, checkpoint);
        }
    }

    /** Adds a network's weights and running statistics to a checkpoint. */
    static void save(String name, SegmentationNetwork network, Map<String, Tensor> checkpoint) {
        network.parameters().forEach((key, tensor) -> checkpoint.put(name + "/weight/" + key, tensor));
        network.buffers().forEach((key, tensor) -> checkpoint.put(name + "/buffer/" + key, tensor));
    }

    /** Takes a network's weights and running statistics from a checkpoint. */
    static void load(String name, SegmentationNetwork network, Map<String, Tensor> checkpoint) {
        try (NoGradGuard guard = new NoGradGuard()) {
            network.parameters().forEach((key, tensor) -> fill(tensor, checkpoint, name + "/weight/" + key));
            network.buffers().forEach((key, tensor) -> fill(tensor, checkpoint, name + "/buffer/" + key));
        }
    }

    private static void fill(Tensor tensor, Map<String, Tensor> checkpoint, String name) {
        Tensor stored = checkpoint.get(name);
        if (stored == null) {
            throw new IllegalArgumentException("the checkpoint has no " + name);
        }
        if (!Arrays.equals(stored.shape(), tensor.shape())) {
            throw new IllegalArgumentException("in the checkpoint " + name + " is " + Arrays.toString(stored.shape())
                    + ", expected " + Arrays.toString(tensor.shape()));
        }
        var unused = tensor.copy_(stored);
    }

    @Override
    public void close() {
        byName.values().forEach(SegmentationNetwork::close);
        byName.clear();
    }
}
