package io.maskstream.trainer.run;

import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which precision a training computes in.
 *
 * <p>{@code auto} is mixed on CUDA. On a CPU it is measured: steps of the network itself in both precisions, and mixed only where they
 * are faster by a tenth at least, since a processor without the instructions is many times slower with it. Measured once a process for
 * a size of step; a round that goes on from a checkpoint keeps the precision it began with.
 */
final class PrecisionChoice {
    /** What the setting may be. */
    static final List<String> NAMES = List.of("float32", "mixed", "auto");

    private static final Logger LOG = LoggerFactory.getLogger(PrecisionChoice.class);
    private static final double WORTH_IT = 0.9;
    private static final int STEPS = 3;
    private static final ConcurrentHashMap<String, Precision> MEASURED = new ConcurrentHashMap<>();

    private PrecisionChoice() {}

    /** Returns the precision for a network; its weights and statistics stay as they are. */
    static Precision of(String setting, SegmentationNetwork network, int batch, int height, int width) {
        if (!setting.equals("auto")) {
            return Precision.parse(setting);
        }
        if (network.device().kind() == Device.Kind.CUDA) {
            return Precision.MIXED;
        }
        String key = network.parameters().size() + " weights, " + batch + "x" + height + "x" + width;
        return MEASURED.computeIfAbsent(key, measured -> measure(network, batch, height, width, measured));
    }

    private static Precision measure(SegmentationNetwork network, int batch, int height, int width, String key) {
        try (PointerScope scope = new PointerScope();
                SegmentationNetwork copy = network.copy()) {
            copy.train();
            Tensor images = torch.rand(new long[] {batch, 3, height, width}, Torch.float32(copy.device()));
            double full = seconds(copy, Precision.FLOAT32, images);
            double mixed = seconds(copy, Precision.MIXED, images);
            Precision chosen = mixed < WORTH_IT * full ? Precision.MIXED : Precision.FLOAT32;
            LOG.info(
                    "precision auto: {} ({}): a step in mixed precision takes {} of one in float32",
                    chosen,
                    key,
                    String.format(Locale.ROOT, "%.2f", mixed / full));
            return chosen;
        }
    }

    /** Returns the fastest of a few steps, after one that warms up. */
    static double seconds(SegmentationNetwork network, Precision precision, Tensor images) {
        network.compute(precision);
        double fastest = Double.MAX_VALUE;
        for (int i = 0; i <= STEPS; i++) {
            long begin = System.nanoTime();
            try (PointerScope step = new PointerScope()) {
                network.forward(images).logits().square().mean().backward();
                network.clearGradients();
            }
            if (i > 0) {
                fastest = Math.min(fastest, (System.nanoTime() - begin) / 1e9);
            }
        }
        return fastest;
    }
}
