package io.maskstream.trainer.run;

import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.pool.StoredLabel;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What is finished of a round, over its snapshots and images. */
final class RoundSoFar implements Round {
    private static final String FINISHED = "finished/";

    private final Snapshots snapshots;
    private final TrainingData data;
    private final TrainingSettings settings;
    private final int classes;
    private final List<Finished> finished = new ArrayList<>();
    private final Map<String, PoolLabels> remembered = new HashMap<>();
    private final Set<String> asked = new HashSet<>();

    RoundSoFar(Snapshots snapshots, TrainingData data, TrainingSettings settings) {
        this.snapshots = snapshots;
        this.data = data;
        this.settings = settings;
        this.classes = new StageBeginnings(snapshots.start(), snapshots::get, settings).classes();
    }

    @Override
    public List<Finished> finished() {
        return List.copyOf(finished);
    }

    @Override
    public Set<String> snapshots() {
        return snapshots.names();
    }

    @Override
    public long seed() {
        return settings.seed();
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public Examples annotated() {
        return data.labelled();
    }

    @Override
    public Examples pool() {
        return data.unlabelled();
    }

    @Override
    public void look(String snapshot, Examples images, List<Integer> indices, Looking how, Onlooker onlooker) {
        SegmentationNetwork network = snapshots.get(snapshot);
        network.eval();
        for (int index : indices) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Tensor seen =
                        ImageTensors.images(List.of(images.get(index).image()), settings.input(), network.device());
                onlooker.saw(index, how.probabilities(seen, given -> network.forward(given)
                        .logits()));
            }
        }
    }

    @Override
    public PoolLabels remembered(String name, Supplier<PoolLabels> maker) {
        PoolLabels known = remembered.get(name);
        if (known == null) {
            known = maker.get();
            remembered.put(name, known);
        }
        asked.add(name);
        return known;
    }

    /** Forgets labels that were not asked for since this was last called. */
    void forget() {
        remembered.keySet().retainAll(asked);
        asked.clear();
    }

    /** Adds a stage whose snapshot there is, and scores it. */
    void finish(Stage stage) {
        OptionalDouble score = stage.heldOut().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(score(stage.name(), stage.heldOut()));
        finished.add(new Finished(stage.name(), stage.share(), score));
    }

    private double score(String snapshot, List<Integer> heldOut) {
        ConfusionMatrix[] sum = {ConfusionMatrix.empty(classes)};
        look(snapshot, data.labelled(), heldOut, Looking.PLAIN, (index, probabilities) -> {
            Example example = data.labelled().get(index);
            sum[0] = sum[0].plus(ConfusionMatrix.of(
                    classes,
                    example.requireMask(),
                    StoredLabel.of(probabilities).mask()));
        });
        double miou = SegmentationMetrics.of(sum[0]).miou();
        return Double.isNaN(miou) ? 0 : miou; // no pixel of the held-out images has a class
    }

    /** Adds the finished stages to a checkpoint, without their snapshots. */
    void save(Map<String, Tensor> checkpoint) {
        for (int i = 0; i < finished.size(); i++) {
            Finished stage = finished.get(i);
            checkpoint.put(FINISHED + i + "/name", text(stage.name()));
            checkpoint.put(FINISHED + i + "/figures", torch.tensor(new long[] {
                Double.doubleToLongBits(stage.share()),
                Double.doubleToLongBits(stage.score().orElse(Double.NaN))
            }));
        }
    }

    /** Takes the finished stages of a checkpoint in place of its own. */
    void load(Map<String, Tensor> checkpoint) {
        finished.clear();
        remembered.clear();
        for (int i = 0; checkpoint.containsKey(FINISHED + i + "/name"); i++) {
            long[] figures = longs(checkpoint, FINISHED + i + "/figures");
            double score = Double.longBitsToDouble(figures[1]);
            finished.add(new Finished(
                    text(checkpoint, FINISHED + i + "/name"),
                    Double.longBitsToDouble(figures[0]),
                    Double.isNaN(score) ? OptionalDouble.empty() : OptionalDouble.of(score)));
        }
    }

    /** Returns a text as a tensor. */
    static Tensor text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        long[] values = new long[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i];
        }
        return torch.tensor(values);
    }

    /** Returns a text of a checkpoint. */
    static String text(Map<String, Tensor> checkpoint, String name) {
        long[] values = longs(checkpoint, name);
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns the whole numbers of a tensor of a checkpoint. */
    static long[] longs(Map<String, Tensor> checkpoint, String name) {
        Tensor stored = checkpoint.get(name);
        if (stored == null) {
            throw new IllegalArgumentException("the checkpoint has no " + name);
        }
        long[] values = new long[Math.toIntExact(stored.numel())];
        stored.cpu().data_ptr_long().get(values);
        return values;
    }
}
