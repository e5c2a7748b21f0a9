package io.maskstream.trainer.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.Taps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * How closely libtorch and ONNX Runtime agree on the class scores of a network.
 *
 * @param pictures generated street scenes that both ran on
 * @param largestDifference the largest absolute difference of any score
 * @param largestScore the largest absolute score, to compare with
 */
public record Agreement(int pictures, double largestDifference, double largestScore) {
    /** The largest difference that is accepted, absolute up to scores of 1 and relative to the largest score above. */
    public static final double LIMIT = 1e-3;

    private static final int PICTURES = 2;
    private static final long SEED = 3;

    /**
     * Runs both on generated pictures at the model's size.
     *
     * @param trainable a graph with the output {@code logits} and metadata
     * @throws ModelFormatException if they differ by more than {@link #LIMIT}, naming the first node at which they part
     */
    public static Agreement measure(ModelProto trainable) throws ModelFormatException {
        ModelInput input = ModelMetadata.read(trainable).input();
        StreetScenes scenes = new StreetScenes(SEED, input.height(), input.width());
        double difference = 0;
        double largest = 0;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                GraphNetwork network = GraphNetwork.of(trainable, Device.CPU);
                GraphRun runtime = GraphRun.of(trainable, List.of())) {
            for (int i = 0; i < PICTURES; i++) {
                RgbImage picture = scenes.scene(i).image();
                Tensor images = ImageTensors.images(List.of(picture), input, Device.CPU);
                float[] ours =
                        ImageTensors.toFloats(network.forward(images, Taps.NONE).logits());
                float[] theirs = logits(runtime, images, input);
                double now = difference(ours, theirs);
                difference = Math.max(difference, now);
                for (float score : theirs) {
                    largest = Math.max(largest, Math.abs(score));
                }
                if (!(now <= LIMIT * Math.max(1, largest))) {
                    throw new ModelFormatException("libtorch and ONNX Runtime differ by " + now
                            + " on the class scores, more than " + LIMIT + "; they part at "
                            + parting(trainable, network, images, input)
                            + ". The network cannot be trained here without becoming another one");
                }
            }
        }
        return new Agreement(PICTURES, difference, largest);
    }

    private static float[] logits(GraphRun runtime, Tensor images, ModelInput input) throws ModelFormatException {
        return Objects.requireNonNull(runtime.run(ImageTensors.toFloats(images), 1, 3, input.height(), input.width())
                .get(Outputs.LOGITS));
    }

    /** Returns the first node, in the graph's order, whose values differ. */
    private static String parting(ModelProto model, GraphNetwork network, Tensor images, ModelInput input)
            throws ModelFormatException {
        List<NodeProto> nodes = model.getGraph().getNodeList().stream()
                .filter(node -> !node.getOpType().equals("Constant") && node.getOutputCount() == 1)
                .toList();
        List<String> values = new ArrayList<>();
        nodes.forEach(node -> values.add(node.getOutput(0)));
        try (GraphRun runtime = GraphRun.of(model, values)) {
            Map<String, float[]> theirs =
                    runtime.run(ImageTensors.toFloats(images), 1, 3, input.height(), input.width());
            int low = 0; // values before it agree
            int high = nodes.size() - 1; // the last is known to differ, or something before it is
            while (low < high) {
                int middle = (low + high) / 2;
                if (agrees(network, images, values.subList(low, middle + 1), theirs)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            NodeProto node = nodes.get(low);
            return "node " + node.getOpType() + " '" + node.getName() + "' giving '" + node.getOutput(0) + "'";
        }
    }

    private static boolean agrees(
            GraphNetwork network, Tensor images, List<String> values, Map<String, float[]> theirs) {
        try (PointerScope scope = new PointerScope()) {
            String[] tapped = values.stream().filter(theirs::containsKey).toArray(String[]::new);
            Outputs outputs = network.forward(images, Taps.of(tapped));
            for (String value : tapped) {
                float[] expected = Objects.requireNonNull(theirs.get(value));
                double largest = 1;
                for (float one : expected) {
                    largest = Math.max(largest, Math.abs(one));
                }
                if (!(difference(ImageTensors.toFloats(outputs.get(value)), expected) <= LIMIT * largest)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns the largest difference; infinite where the shapes differ, not a number where a value is none. */
    static double difference(float[] ours, float[] theirs) {
        if (ours.length != theirs.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = Math.abs((double) ours[i] - theirs[i]);
            if (!(difference <= largest)) {
                largest = difference;
            }
        }
        return largest;
    }
}
