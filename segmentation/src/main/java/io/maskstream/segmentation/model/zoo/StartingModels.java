package io.maskstream.segmentation.model.zoo;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import java.util.List;
import java.util.stream.Collectors;

/** The architectures that configuration can name; a new one is one entry here. */
public final class StartingModels {
    private static final int SMALL_SIDE = 256;

    private static final List<StartingModel> ALL = List.of(
            new Entry(new UNet("unet-small", "a U-Net of half the width of unet, for the smallest machines", 8, 3)),
            new Entry(new UNet("unet", "a U-Net for small pictures and few classes; where nothing is named", 16, 3)),
            new Entry(new UNet("unet-large", "a U-Net twice as wide and one pooling deeper", 32, 4)),
            new Entry(new DeepLab(
                    "deeplabv3plus-mobilenetv2", "DeepLabV3+ on a MobileNetV2 of half width, for larger pictures")),
            new Entry(new FastScnn("fast-scnn", "Fast-SCNN, a real-time network of two branches")),
            new Entry(new Light("light", "two branches as in Fast-SCNN at a tenth of its weights")),
            new Entry(new SegFormer("segformer-b0", "SegFormer-B0, a small transformer")));

    private StartingModels() {}

    /** Returns all, in the order to list them. */
    public static List<StartingModel> all() {
        return ALL;
    }

    /** Returns the one of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static StartingModel named(String name) {
        return ALL.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown starting model '" + name + "'; there are "
                        + ALL.stream().map(StartingModel::name).collect(Collectors.joining(", "))));
    }

    /** Says whether pictures of this size count as small, for which some architectures shrink the maps less. */
    public static boolean isSmall(int height, int width) {
        return Math.min(height, width) < SMALL_SIDE;
    }

    private record Entry(Architecture architecture) implements StartingModel {
        @Override
        public String name() {
            return architecture.name();
        }

        @Override
        public String summary() {
            return architecture.summary();
        }

        @Override
        public int leastSide() {
            return architecture.leastSide();
        }

        @Override
        public ModelProto build(ClassList classes, int height, int width, long seed) {
            if (Math.min(height, width) < leastSide()) {
                throw new IllegalArgumentException("the starting model '" + name() + "' needs pictures of at least "
                        + leastSide() + " rows and columns, found " + height + "x" + width
                        + "; take a larger size or another starting model");
            }
            GraphBuilder graph = GraphBuilder.empty(name());
            Layers layers = new Layers(graph, seed);
            architecture.write(layers, layers.picture(), classes.size(), isSmall(height, width));
            ModelMetadata metadata =
                    ModelMetadata.starting("default", name() + "-start", classes, ModelInput.fixed(height, width));
            return metadata.writeTo(graph.build());
        }
    }
}
