package io.maskstream.trainer.bench;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What running a graph costs over writing the network out.
 *
 * <p>A step of training (forward, cross-entropy, backward, AdamW) of a starting model as {@link GraphNetwork}, as direct calls
 * of libtorch, and, where a command is given, by another program: one after the other, step by step, so that whatever else
 * the machine does hits all.
 */
public final class TrainerBench {
    static final ClassList CLASSES =
            ClassList.of(List.of("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"));

    private TrainerBench() {}

    /**
     * What is measured.
     *
     * @param batch pictures a step
     * @param warmUp steps of each that are not counted
     * @param steps steps of each that are counted, at least 1
     * @param against a command of the protocol of {@link OtherProgram}, or nothing
     */
    public record Settings(
            Device device, int batch, int height, int width, int warmUp, int steps, @Nullable String against) {
        public Settings {
            if (steps < 1 || warmUp < 0 || batch < 2) {
                throw new IllegalArgumentException(
                        "expected at least 1 step, no negative warm-up and at least 2 pictures a step, found " + steps
                                + ", " + warmUp + " and " + batch);
            }
        }
    }

    /**
     * One figure of the bench.
     *
     * @param what what was measured
     * @param ours seconds of ours, the median
     * @param reference seconds of the reference, the median
     * @param ratio the median of ours over reference, step by step, so that a slower minute of the machine does not count;
     *     below 1 is faster
     * @param ratioLow the lower quartile of the ratios step by step
     * @param ratioHigh the upper quartile of the ratios step by step
     */
    public record Run(String what, double ours, double reference, double ratio, double ratioLow, double ratioHigh) {
        private static Run of(String what, double[] ours, double[] reference) {
            double[] ratios = IntStream.range(0, ours.length)
                    .mapToDouble(i -> ours[i] / reference[i])
                    .toArray();
            return new Run(
                    what,
                    median(ours),
                    median(reference),
                    median(ratios),
                    quantile(ratios, 0.25),
                    quantile(ratios, 0.75));
        }
    }

    static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** Linear between the two values around it. */
    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** Measures a starting model; a figure against direct libtorch, and one against the other program if there is one. */
    public static List<Run> run(String name, Settings settings) throws IOException {
        ModelProto model = StartingModels.named(name).build(CLASSES, settings.height(), settings.width(), 1);
        Path file = Files.createTempFile("maskstream-bench-", ".onnx");
        try {
            if (settings.against() != null) {
                ModelFile.write(file, model);
            }
            return run(name, model, file, settings);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static List<Run> run(String name, ModelProto model, Path file, Settings settings) throws IOException {
        int all = settings.warmUp() + settings.steps();
        double[][] seconds = new double[3][all];
        String against = settings.against();
        try (PointerScope scope = new PointerScope();
                GraphNetwork graph = GraphNetwork.of(model, settings.device());
                GraphNetwork weights = graph.copy();
                @Nullable
                        OtherProgram other = against == null
                                ? null
                                : new OtherProgram(against, name, file, settings, all, torch.get_num_threads())) {
            graph.train();
            Tensor images = images(graph, settings);
            Tensor truth = truth(graph, settings);
            boolean small = StartingModels.isSmall(settings.height(), settings.width());
            TrainingStep ours =
                    new TrainingStep(graph, input -> graph.forward(input).logits());
            TrainingStep direct = new TrainingStep(weights, DirectNetworks.named(name, weights, small));
            for (int step = 0; step < all; step++) {
                seconds[0][step] = ours.run(images, truth);
                seconds[1][step] = direct.run(images, truth);
                seconds[2][step] = other == null ? 0 : other.step();
            }
        }
        double[][] counted = Arrays.stream(seconds)
                .map(row -> Arrays.copyOfRange(row, settings.warmUp(), all))
                .toArray(double[][]::new);
        String what = "training step of " + name + ", batch " + settings.batch() + " at " + settings.width() + "x"
                + settings.height() + ", graph against ";
        List<Run> runs = new ArrayList<>();
        runs.add(Run.of(what + "direct libtorch", counted[0], counted[1]));
        if (against != null) {
            runs.add(Run.of(what + against, counted[0], counted[2]));
        }
        return runs;
    }

    /** Returns the median seconds of a step of training. */
    static double stepSeconds(ModelProto model, Settings settings) {
        double[] seconds = new double[settings.steps()];
        try (PointerScope scope = new PointerScope();
                GraphNetwork graph = GraphNetwork.of(model, settings.device())) {
            graph.train();
            Tensor images = images(graph, settings);
            Tensor truth = truth(graph, settings);
            TrainingStep ours =
                    new TrainingStep(graph, input -> graph.forward(input).logits());
            for (int step = -settings.warmUp(); step < seconds.length; step++) {
                double taken = ours.run(images, truth);
                if (step >= 0) {
                    seconds[step] = taken;
                }
            }
        }
        return median(seconds);
    }

    private static Tensor images(GraphNetwork network, Settings settings) {
        return torch.rand(settings.batch(), 3, settings.height(), settings.width())
                .to(Torch.name(network.device()), torch.ScalarType.Float);
    }

    private static Tensor truth(GraphNetwork network, Settings settings) {
        return torch.rand(settings.batch(), settings.height(), settings.width())
                .mul(new Scalar(CLASSES.size()))
                .to(Torch.name(network.device()), torch.ScalarType.Long);
    }
}
