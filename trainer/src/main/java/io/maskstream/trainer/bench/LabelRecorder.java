package io.maskstream.trainer.bench;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.run.LabelWatch;
import io.maskstream.trainer.run.TrainProgress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Counts how right pseudo-labels are while a training goes on.
 *
 * <p>It looks at a sample of the steps, the same few in every window, so that the median step is one without counting.
 */
public final class LabelRecorder implements LabelWatch, TrainProgress {
    private static final int WINDOWS = 20;
    private static final int LOOKS = 5;

    private final int classes;
    private final int iterations;
    private final int parts;
    private final int every;
    private final Map<String, double[][]> counts = new LinkedHashMap<>(); // by objective: [window, figure * class]
    private final Map<String, int[]> batches = new LinkedHashMap<>();
    private int done;

    /** Records a training of so many steps, in 20 equal parts unless it is too short for that. */
    public LabelRecorder(int classes, int iterations) {
        this.classes = classes;
        this.iterations = iterations;
        this.every = Math.max(2, iterations / (WINDOWS * LOOKS));
        this.parts = Math.min(WINDOWS, Math.max(1, iterations / every));
    }

    @Override
    public void stepped(int iteration, int steps, double loss) {
        done = iteration;
    }

    @Override
    public boolean looksAt(Progress progress) {
        return done % every == 0;
    }

    @Override
    public void taught(String objective, PseudoLabel taught, PseudoLabel truth, Progress progress) {
        int window = (int) ((long) done * parts / iterations);
        Tensor known = truth.hard().ne(new Scalar(Mask.IGNORE)).logical_and(taught.valid());
        Tensor kept = taught.hard().ne(new Scalar(Mask.IGNORE)).logical_and(known);
        Tensor weight = taught.weight();
        double[] sums = counts.computeIfAbsent(objective, name -> new double[parts][4 * classes])[window];
        add(sums, 0, taught.hard(), kept, weight);
        add(sums, 1, taught.hard(), kept.logical_and(taught.hard().eq(truth.hard())), weight);
        add(sums, 2, truth.hard(), kept, weight);
        add(sums, 3, truth.hard(), known, torch.ones_like(weight));
        batches.computeIfAbsent(objective, name -> new int[parts])[window]++;
    }

    private void add(double[] sums, int figure, Tensor hard, Tensor where, Tensor weight) {
        Tensor chosen = hard.masked_select(where);
        if (chosen.numel() == 0) {
            return;
        }
        Tensor perClass = torch.zeros(new long[] {classes}, weight.options());
        float[] values = ImageTensors.toFloats(perClass.index_add(0, chosen, weight.masked_select(where)));
        for (int c = 0; c < classes; c++) {
            sums[figure * classes + c] += values[c];
        }
    }

    /** Returns what was counted, objective by objective. */
    public List<LabelCurve> curves() {
        List<LabelCurve> curves = new ArrayList<>();
        counts.forEach((objective, sums) -> {
            List<LabelCurve.Window> windows = new ArrayList<>();
            for (int window = 0; window < parts; window++) {
                windows.add(new LabelCurve.Window(
                        batches.getOrDefault(objective, new int[parts])[window],
                        figure(sums[window], 0),
                        figure(sums[window], 1),
                        figure(sums[window], 2),
                        figure(sums[window], 3)));
            }
            curves.add(new LabelCurve(objective, windows));
        });
        return curves;
    }

    private List<Double> figure(double[] sums, int figure) {
        return Arrays.stream(sums, figure * classes, (figure + 1) * classes)
                .boxed()
                .toList();
    }
}
