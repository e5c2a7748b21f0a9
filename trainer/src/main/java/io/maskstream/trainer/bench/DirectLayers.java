package io.maskstream.trainer.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The layers of the starting models as calls of libtorch, in training mode, over the weights of a network.
 *
 * <p>The weights are taken in the order in which the architecture was written, which is that of the graph; {@link #restart}
 * goes back to the first.
 */
final class DirectLayers {
    private static final long[] ONE = {1, 1};
    private static final long[] TWO = {2, 2};
    private static final long[] NONE = {0, 0};

    private final List<Convolution> convolutions = new ArrayList<>();
    private final List<Tensor[]> linears = new ArrayList<>();
    private final List<Tensor[]> norms = new ArrayList<>();
    private int convolution;
    private int linear;
    private int norm;

    /** The weights of a convolution, and of the batch normalisation after it where there is one. */
    private record Convolution(Tensor weight, int kernel, TensorOptional bias, @Nullable Normalisation norm) {}

    private record Normalisation(
            TensorOptional scale, TensorOptional shift, TensorOptional mean, TensorOptional variance) {}

    DirectLayers(Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
        for (int i = 0; parameters.containsKey("conv" + i + ".weight"); i++) {
            String name = "conv" + i;
            Tensor weight = Objects.requireNonNull(parameters.get(name + ".weight"));
            Tensor bias = parameters.get(name + ".bias");
            Tensor scale = parameters.get(name + ".norm.weight");
            @Nullable
            Normalisation normalisation = scale == null
                    ? null
                    : new Normalisation(
                            new TensorOptional(scale),
                            new TensorOptional(Objects.requireNonNull(parameters.get(name + ".norm.bias"))),
                            new TensorOptional(Objects.requireNonNull(buffers.get(name + ".norm.mean"))),
                            new TensorOptional(Objects.requireNonNull(buffers.get(name + ".norm.variance"))));
            convolutions.add(new Convolution(
                    weight,
                    Math.toIntExact(weight.size(2)),
                    bias == null ? new TensorOptional() : new TensorOptional(bias),
                    normalisation));
        }
        parameters.forEach((name, weight) -> {
            String stem = name.endsWith(".weight") && !name.startsWith("conv")
                    ? name.substring(0, name.length() - ".weight".length())
                    : "";
            if (!stem.isEmpty()) {
                Tensor[] both = {weight, Objects.requireNonNull(parameters.get(stem + ".bias"))};
                (stem.contains(".linear") ? linears : norms).add(both);
            }
        });
    }

    void restart() {
        convolution = 0;
        linear = 0;
        norm = 0;
    }

    Tensor convolution(Tensor in, int stride, int dilation) {
        return normalised(in, stride, dilation, 1).relu_();
    }

    Tensor convolution(Tensor in) {
        return convolution(in, 1, 1);
    }

    Tensor depthwise(Tensor in, int stride, int dilation) {
        return normalised(in, stride, dilation, in.size(1)).relu_();
    }

    Tensor separable(Tensor in, int stride, int dilation) {
        return convolution(depthwise(in, stride, dilation));
    }

    Tensor projection(Tensor in) {
        return normalised(in, 1, 1, 1);
    }

    Tensor invertedResidual(Tensor in, int expansion, int stride, int dilation) {
        Tensor wide = expansion > 1 ? relu6(normalised(in, 1, 1, 1)) : in;
        Tensor narrow = projection(relu6(normalised(wide, stride, dilation, wide.size(1))));
        return stride == 1 && narrow.size(1) == in.size(1) ? in.add(narrow) : narrow;
    }

    Tensor invertedResiduals(Tensor in, int blocks, int stride, int dilation) {
        Tensor out = invertedResidual(in, 6, stride, dilation);
        for (int i = 1; i < blocks; i++) {
            out = invertedResidual(out, 6, 1, dilation);
        }
        return out;
    }

    private static Tensor relu6(Tensor in) {
        return torch.hardtanh_(in, new Scalar(0.0), new Scalar(6.0));
    }

    Tensor biased(Tensor in, int stride, int pad, long groups) {
        Convolution own = convolutions.get(convolution++);
        return torch.conv2d(in, own.weight, own.bias, new long[] {stride, stride}, new long[] {pad, pad}, ONE, groups);
    }

    Tensor classifier(Tensor in) {
        return biased(in, 1, 0, 1);
    }

    private Tensor normalised(Tensor in, int stride, int dilation, long groups) {
        Convolution own = convolutions.get(convolution++);
        int pad = dilation * (own.kernel / 2);
        Tensor scores = torch.conv2d(
                in,
                own.weight,
                own.bias,
                new long[] {stride, stride},
                new long[] {pad, pad},
                new long[] {dilation, dilation},
                groups);
        Normalisation n = Objects.requireNonNull(own.norm);
        return torch.batch_norm(scores, n.scale, n.shift, n.mean, n.variance, true, 0.1, 1e-5, false);
    }

    static Tensor halved(Tensor in) {
        return torch.max_pool2d(in, TWO, TWO, NONE, ONE, false);
    }

    Tensor imagePooling(Tensor in) {
        Tensor mean = classifier(torch.adaptive_avg_pool2d(in, ONE)).relu_();
        return mean.expand(mean.size(0), mean.size(1), in.size(2), in.size(3));
    }

    Tensor windowPooling(Tensor in, int window, int stride) {
        long[] pad = {window / 2, window / 2};
        Tensor means = torch.avg_pool2d(
                in,
                new long[] {window, window},
                new long[] {stride, stride},
                pad,
                false,
                false,
                new org.bytedeco.pytorch.LongOptional());
        return resizedLike(classifier(means).relu_(), in);
    }

    static Tensor resizedLike(Tensor in, Tensor like) {
        return torch.upsample_bilinear2d(in, new long[] {like.size(2), like.size(3)}, false);
    }

    static Tensor concatenated(Tensor... parts) {
        return torch.cat(new TensorVector(parts), 1);
    }

    /** Maps to cells, {@code [N, C, h, w]} to {@code [N, h * w, C]}. */
    static Tensor cells(Tensor map) {
        return map.flatten(2, 3).transpose(1, 2);
    }

    /** Cells to a map of the size of another one. */
    static Tensor map(Tensor cells, Tensor like) {
        return cells.transpose(1, 2).reshape(cells.size(0), cells.size(2), like.size(2), like.size(3));
    }

    Tensor linear(Tensor in) {
        Tensor[] own = linears.get(linear++);
        return torch.linear(in, own[0].t(), new TensorOptional(own[1]));
    }

    Tensor layerNormalised(Tensor in) {
        Tensor[] own = norms.get(norm++);
        return torch.layer_norm(
                in, new long[] {in.size(2)}, new TensorOptional(own[0]), new TensorOptional(own[1]), 1e-6, false);
    }
}
