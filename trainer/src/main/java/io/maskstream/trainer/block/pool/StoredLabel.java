package io.maskstream.trainer.block.pool;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The label of one image as it is kept between steps: a byte for the class and two for the confidence of every pixel. Confidences are
 * whole 65535ths, so two that differ by less than that are a tie.
 */
public final class StoredLabel {
    /** The confidence 1, in units. */
    public static final int UNITS = 65535;

    private final int height;
    private final int width;
    private final byte[] hard;
    private final short[] confidence;

    private StoredLabel(int height, int width, byte[] hard, short[] confidence) {
        if (hard.length != height * width || confidence.length != hard.length) {
            throw new IllegalArgumentException(
                    "a label of " + height + "x" + width + " pixels cannot hold " + hard.length + " classes");
        }
        this.height = height;
        this.width = width;
        this.hard = hard;
        this.confidence = confidence;
    }

    /** Returns the most probable classes of {@code [1, C, H, W]} probabilities. */
    public static StoredLabel of(Tensor probabilities) {
        Tensor most = probabilities.argmax(new LongOptional(1), false); // [1, H, W]
        Tensor units = probabilities
                .max(1)
                .get0()
                .clamp(
                        new org.bytedeco.pytorch.ScalarOptional(new Scalar(0.0)),
                        new org.bytedeco.pytorch.ScalarOptional(new Scalar(1.0)));
        byte[] hard = ImageTensors.toBytes(most).get(0).toArray();
        float[] floats = ImageTensors.toFloats(units);
        short[] confidence = new short[floats.length];
        for (int i = 0; i < floats.length; i++) {
            confidence[i] = (short) Math.round(floats[i] * UNITS);
        }
        return new StoredLabel((int) most.size(1), (int) most.size(2), hard, confidence);
    }

    /** Returns a label of classes, 255 for none, and confidences in [0, 1]. */
    public static StoredLabel of(int height, int width, int[] classes, double[] confidences) {
        byte[] hard = new byte[classes.length];
        short[] confidence = new short[confidences.length];
        for (int i = 0; i < hard.length; i++) {
            hard[i] = (byte) classes[i];
            confidence[i] = (short) Math.round(confidences[i] * UNITS);
        }
        return new StoredLabel(height, width, hard, confidence);
    }

    /** Returns a mask as a label of which every pixel is as sure. */
    public static StoredLabel of(Mask mask, double sure) {
        short[] confidence = new short[mask.classes().length()];
        Arrays.fill(confidence, (short) Math.round(sure * UNITS));
        return new StoredLabel(mask.height(), mask.width(), mask.classes().toArray(), confidence);
    }

    /** Returns rows. */
    public int height() {
        return height;
    }

    /** Returns columns. */
    public int width() {
        return width;
    }

    /** Returns how many pixels there are. */
    public int pixels() {
        return hard.length;
    }

    /** Returns a pixel's class; 255 is none. */
    public int hard(int pixel) {
        return hard[pixel] & 0xff;
    }

    /** Says whether a pixel has a class. */
    public boolean has(int pixel) {
        return hard(pixel) != Mask.IGNORE;
    }

    /** Returns a pixel's confidence in units, 0 to {@link #UNITS}. */
    public int units(int pixel) {
        return confidence[pixel] & 0xffff;
    }

    /** Returns a pixel's confidence in [0, 1]. */
    public double confidence(int pixel) {
        return units(pixel) / (double) UNITS;
    }

    /** Returns the classes. */
    public Mask mask() {
        return new Mask(height, width, Bytes.copyOf(hard));
    }

    /** Returns this with 255 wherever a pixel is not kept; confidences stay. */
    public StoredLabel keeping(IntPredicate kept) {
        byte[] left = hard.clone();
        for (int i = 0; i < left.length; i++) {
            if (!kept.test(i)) {
                left[i] = (byte) Mask.IGNORE;
            }
        }
        return new StoredLabel(height, width, left, confidence);
    }

    /** Returns this with confidences times a factor in [0, 1]. */
    public StoredLabel fading(double factor) {
        short[] faded = new short[confidence.length];
        for (int i = 0; i < faded.length; i++) {
            faded[i] = (short) Math.round(units(i) * factor);
        }
        return new StoredLabel(height, width, hard, faded);
    }

    /** Returns this with the other's class and confidence wherever {@code others} says so. */
    public StoredLabel taking(StoredLabel other, IntPredicate others) {
        byte[] classes = hard.clone();
        short[] sure = confidence.clone();
        for (int i = 0; i < classes.length; i++) {
            if (others.test(i)) {
                classes[i] = other.hard[i];
                sure[i] = other.confidence[i];
            }
        }
        return new StoredLabel(height, width, classes, sure);
    }

    /** Returns labels of a batch, each pixel with a class of weight 1. */
    public static PseudoLabel batch(List<StoredLabel> labels, LabelSource source, Device device) {
        List<Mask> masks = new ArrayList<>();
        int area = labels.get(0).pixels();
        float[] confidences = new float[labels.size() * area];
        for (int n = 0; n < labels.size(); n++) {
            StoredLabel label = labels.get(n);
            masks.add(label.mask());
            for (int i = 0; i < area; i++) {
                confidences[n * area + i] = (float) label.confidence(i);
            }
        }
        Tensor hard = ImageTensors.masks(masks, device);
        Tensor confidence = torch.tensor(confidences)
                .reshape(hard.size(0), hard.size(1), hard.size(2))
                .to(Torch.name(device), torch.ScalarType.Float);
        return PseudoLabel.of(hard, confidence, null, source);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredLabel that
                && height == that.height
                && width == that.width
                && Arrays.equals(hard, that.hard)
                && Arrays.equals(confidence, that.confidence);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(hard) + Arrays.hashCode(confidence);
    }

    @Override
    public String toString() {
        return "StoredLabel[" + height + "x" + width + "]";
    }
}
