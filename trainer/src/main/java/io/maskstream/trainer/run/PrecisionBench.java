package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What mixed precision gains on this machine: forward and backward pass of one network, in one run. */
public final class PrecisionBench {
    private static final int CLASSES = 11;

    private PrecisionBench() {}

    /**
     * The figure.
     *
     * @param what what was measured
     * @param ours seconds in mixed precision, the fastest of a few
     * @param reference seconds in float32, the fastest of a few
     * @param ratio ours over reference, below 1 is faster
     */
    public record Run(String what, double ours, double reference, double ratio) {}

    /**
     * Measures.
     *
     * @param model name of a starting model, or path of an ONNX file
     * @throws IOException if the file cannot be read
     */
    public static Run run(String model, int batch, int height, int width, Device device) throws IOException {
        ClassList classes = ClassList.of(
                IntStream.range(0, CLASSES).mapToObj(i -> "class" + i).toList());
        ModelProto start = Artefacts.isFile(model)
                ? Artefacts.trainable(Path.of(model))
                : Artefacts.starting(model, classes, height, width, 1);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(start, Torch.choose(device))) {
            network.train();
            Tensor images = torch.rand(new long[] {batch, 3, height, width}, Torch.float32(network.device()));
            double full = PrecisionChoice.seconds(network, Precision.FLOAT32, images);
            double mixed = PrecisionChoice.seconds(network, Precision.MIXED, images);
            String what = "forward and backward pass of " + model + ", batch " + batch + " at " + width + "x" + height
                    + ", mixed against float32";
            return new Run(what, mixed, full, mixed / full);
        }
    }
}
