package io.maskstream.trainer.bench;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** SegFormer-B0 in direct calls of libtorch; attention as three products, as its authors write it. */
final class DirectSegFormer {
    private static final int[] HEADS = {1, 2, 5, 8};
    private static final int[] REDUCTIONS = {8, 4, 2, 1};
    private static final int BLOCKS = 2;

    private DirectSegFormer() {}

    static Tensor forward(DirectLayers layers, Tensor images) {
        Tensor[] maps = new Tensor[HEADS.length];
        Tensor in = images;
        for (int stage = 0; stage < maps.length; stage++) {
            Tensor map = stage == 0 ? layers.biased(in, 4, 3, 1) : layers.biased(in, 2, 1, 1);
            Tensor cells = layers.layerNormalised(DirectLayers.cells(map));
            for (int block = 0; block < BLOCKS; block++) {
                cells = cells.add(attention(layers, cells, map, HEADS[stage], REDUCTIONS[stage]));
                cells = cells.add(feedForward(layers, cells, map));
            }
            in = DirectLayers.map(layers.layerNormalised(cells), map);
            maps[stage] = in;
        }
        Tensor[] parts = new Tensor[maps.length];
        for (int i = 0; i < parts.length; i++) {
            Tensor map = maps[maps.length - 1 - i];
            Tensor part = DirectLayers.map(layers.linear(DirectLayers.cells(map)), map);
            parts[i] = i == parts.length - 1 ? part : DirectLayers.resizedLike(part, maps[0]);
        }
        Tensor up = layers.convolution(DirectLayers.concatenated(parts));
        return DirectLayers.resizedLike(layers.classifier(up), images);
    }

    private static Tensor attention(DirectLayers layers, Tensor in, Tensor map, int heads, int reduction) {
        Tensor own = layers.layerNormalised(in);
        Tensor others = own;
        if (reduction > 1) {
            Tensor small = layers.biased(DirectLayers.map(own, map), reduction, 0, 1);
            others = layers.layerNormalised(DirectLayers.cells(small));
        }
        long channels = in.size(2);
        long each = channels / heads;
        Tensor query = layers.linear(own).reshape(in.size(0), -1, heads, each).permute(0, 2, 1, 3);
        Tensor key = layers.linear(others).reshape(in.size(0), -1, heads, each).permute(0, 2, 3, 1);
        Tensor content =
                layers.linear(others).reshape(in.size(0), -1, heads, each).permute(0, 2, 1, 3);
        Tensor shares = torch.softmax(torch.matmul(query.mul(new Scalar(1 / Math.sqrt((double) each))), key), -1);
        Tensor mixed = torch.matmul(shares, content).permute(0, 2, 1, 3).reshape(in.size(0), -1, channels);
        return layers.linear(mixed);
    }

    private static Tensor feedForward(DirectLayers layers, Tensor in, Tensor map) {
        Tensor wide = DirectLayers.map(layers.linear(layers.layerNormalised(in)), map);
        Tensor mixed = DirectLayers.cells(layers.biased(wide, 1, 1, wide.size(1)));
        return layers.linear(torch.gelu(mixed));
    }
}
