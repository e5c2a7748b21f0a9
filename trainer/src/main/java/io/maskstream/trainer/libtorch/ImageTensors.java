package io.maskstream.trainer.libtorch;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Pictures and masks as tensors, and back.
 *
 * <p>All pictures of one tensor have one size; resizing is the caller's. What is returned belongs to the caller's scope.
 */
public final class ImageTensors {
    private ImageTensors() {}

    /** Returns the pictures' own bytes, {@code [N, 3, H, W]} float32 in [0, 255]. */
    public static Tensor pixels(List<RgbImage> images, Device device) {
        int height = images.get(0).height();
        int width = images.get(0).width();
        List<Bytes> planes = new ArrayList<>();
        for (RgbImage image : images) {
            requireSize(height, width, image.height(), image.width());
            planes.add(image.pixels());
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor bytes = bytes(planes, images.size(), height, width, 3); // [N, H, W, 3]
            Tensor pixels = bytes.permute(0, 3, 1, 2) // [N, 3, H, W]
                    .contiguous()
                    .to(Torch.name(device), torch.ScalarType.Float);
            return Torch.handOver(scope, pixels);
        }
    }

    /** Returns {@code (byte / 255 - mean) / std} of {@code [N, 3, H, W]} float32 values in [0, 255]. */
    public static Tensor normalise(Tensor pixels, ModelInput input) {
        try (PointerScope scope = new PointerScope()) {
            float[] scale = new float[3];
            float[] shift = new float[3];
            for (int c = 0; c < 3; c++) {
                scale[c] = 1f / (255f * input.std().get(c));
                shift[c] = -input.mean().get(c) / input.std().get(c);
            }
            org.bytedeco.pytorch.Device device = pixels.device();
            Tensor factor = torch.tensor(scale).reshape(1, 3, 1, 1).to(device, torch.ScalarType.Float);
            Tensor offset = torch.tensor(shift).reshape(1, 3, 1, 1).to(device, torch.ScalarType.Float);
            return Torch.handOver(scope, pixels.mul(factor).add(offset));
        }
    }

    /** Returns the pictures as a model takes them, {@code [N, 3, H, W]} float32. */
    public static Tensor images(List<RgbImage> images, ModelInput input, Device device) {
        try (PointerScope scope = new PointerScope()) {
            return Torch.handOver(scope, normalise(pixels(images, device), input));
        }
    }

    /** Returns the masks' class indices, {@code [N, H, W]} int64; 255 stays 255. */
    public static Tensor masks(List<Mask> masks, Device device) {
        int height = masks.get(0).height();
        int width = masks.get(0).width();
        List<Bytes> planes = new ArrayList<>();
        for (Mask mask : masks) {
            requireSize(height, width, mask.height(), mask.width());
            planes.add(mask.classes());
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor bytes = bytes(planes, masks.size(), height, width);
            return Torch.handOver(scope, bytes.to(Torch.name(device), torch.ScalarType.Long));
        }
    }

    /** Returns the masks of {@code [N, H, W]} class indices of any integer type, each 0 to 255. */
    public static List<Mask> toMasks(Tensor classes) {
        int height = Math.toIntExact(classes.size(1));
        int width = Math.toIntExact(classes.size(2));
        List<Mask> masks = new ArrayList<>();
        for (Bytes plane : toBytes(classes)) {
            masks.add(new Mask(height, width, plane));
        }
        return masks;
    }

    /** Returns the bytes of each of N planes of integers 0 to 255, {@code [N, ...]}. */
    public static List<Bytes> toBytes(Tensor values) {
        try (PointerScope scope = new PointerScope()) {
            Tensor bytes = values.detach()
                    .to(new org.bytedeco.pytorch.Device("cpu"), torch.ScalarType.Byte)
                    .contiguous();
            int count = Math.toIntExact(bytes.size(0));
            int length = count == 0 ? 0 : Math.toIntExact(bytes.numel() / count);
            BytePointer data = bytes.data_ptr_byte();
            List<Bytes> planes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] plane = new byte[length];
                data.position((long) i * length).get(plane);
                planes.add(Bytes.wrap(plane));
            }
            return planes;
        }
    }

    /** Returns the values of a float tensor, row-major. */
    public static float[] toFloats(Tensor values) {
        try (PointerScope scope = new PointerScope()) {
            Tensor floats = values.detach()
                    .to(new org.bytedeco.pytorch.Device("cpu"), torch.ScalarType.Float)
                    .contiguous();
            float[] copy = new float[Math.toIntExact(floats.numel())];
            floats.data_ptr_float().get(copy);
            return copy;
        }
    }

    /** Returns the values of a tensor as doubles, row-major. */
    public static double[] toDoubles(Tensor values) {
        try (PointerScope scope = new PointerScope()) {
            Tensor doubles = values.detach()
                    .to(new org.bytedeco.pytorch.Device("cpu"), torch.ScalarType.Double)
                    .contiguous();
            double[] copy = new double[Math.toIntExact(doubles.numel())];
            doubles.data_ptr_double().get(copy);
            return copy;
        }
    }

    private static Tensor bytes(List<Bytes> planes, long... shape) {
        int length = planes.get(0).length();
        byte[] all = new byte[Math.multiplyExact(planes.size(), length)];
        for (int i = 0; i < planes.size(); i++) {
            planes.get(i).copyTo(0, all, i * length, length);
        }
        BytePointer data = new BytePointer(all);
        return torch.from_blob(data, shape, new TensorOptions(torch.ScalarType.Byte))
                .clone();
    }

    private static void requireSize(int height, int width, int foundHeight, int foundWidth) {
        if (height != foundHeight || width != foundWidth) {
            throw new IllegalArgumentException("all pictures of a batch have one size, expected " + height + "x" + width
                    + ", found " + foundHeight + "x" + foundWidth);
        }
    }
}
