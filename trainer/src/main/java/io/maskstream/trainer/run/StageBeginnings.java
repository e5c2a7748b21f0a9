package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.FeatureTaps;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.trainer.block.NetworkSource.Beginnings;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the networks of a stage are made of.
 *
 * @param start the network with which the stage starts
 * @param snapshots what earlier stages exported or marked
 * @param settings seed and size of the pictures
 */
record StageBeginnings(
        SegmentationNetwork start, Function<String, SegmentationNetwork> snapshots, TrainingSettings settings)
        implements Beginnings {

    @Override
    public SegmentationNetwork snapshot(String name) {
        return snapshots.apply(name);
    }

    @Override
    public SegmentationNetwork of(ModelProto graph) {
        GraphNetwork network = GraphNetwork.of(graph, start.device());
        network.compute(start.precision());
        return network;
    }

    @Override
    public int classes() {
        return channels(start, Outputs.LOGITS);
    }

    @Override
    public int channels(SegmentationNetwork network, String value) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            int height = settings.input().height();
            int width = settings.input().width();
            Tensor grey = torch.zeros(new long[] {1, 3, height, width}, Torch.float32(network.device()));
            Taps taps = value.equals(Outputs.LOGITS) ? Taps.NONE : Taps.of(value);
            return Math.toIntExact(network.forward(grey, taps).get(value).size(1));
        }
    }

    @Override
    public String place(SegmentationNetwork network, String value) {
        if (!value.equals(Taps.ENCODER) && !value.equals(Taps.DECODER)) {
            return value;
        }
        try {
            FeatureTaps.Places places = FeatureTaps.find(
                    network.toModel(),
                    settings.input().height(),
                    settings.input().width());
            return value.equals(Taps.ENCODER) ? places.encoder() : places.decoder();
        } catch (ModelFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public long seed(String name) {
        return Draws.mix(settings.seed(), name);
    }
}
