package io.maskstream.trainer.libtorch;

import io.maskstream.segmentation.model.Device;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Named tensors in a file, so that a killed round continues where it was.
 *
 * <p>The format is our own: a magic number, a version, the tensors (name, type, shape, bytes in the machine's order,
 * which is little-endian on every platform we build for) and a CRC-32. A file is complete or absent, since it is written
 * beside and moved into place.
 */
public final class Checkpoint {
    private static final int MAGIC = 0x4d53_4b31;
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_DIMENSIONS = 16;

    private Checkpoint() {}

    /** Writes the tensors; a file of that name is replaced at once or not at all. */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        CRC32 sum = new CRC32();
        try (OutputStream raw = Files.newOutputStream(part);
                DataOutputStream out =
                        new DataOutputStream(new CheckedOutputStream(new BufferedOutputStream(raw, 1 << 16), sum))) {
            out.writeInt(MAGIC);
            out.writeInt(tensors.size());
            for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
                writeTensor(out, entry.getKey(), entry.getValue());
            }
            out.writeLong(sum.getValue());
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Reads the tensors onto a device; they belong to the caller's scope.
     *
     * @throws IOException if the file is not a whole checkpoint
     */
    public static Map<String, Tensor> read(Path file, Device device) throws IOException {
        CRC32 sum = new CRC32();
        long size = Files.size(file);
        try (InputStream raw = Files.newInputStream(file);
                DataInputStream in =
                        new DataInputStream(new CheckedInputStream(new BufferedInputStream(raw, 1 << 16), sum))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(file + " is not a checkpoint");
            }
            int count = in.readInt();
            if (count < 0 || count > MAX_TENSORS) {
                throw new IOException(file + " is damaged: it claims " + count + " tensors");
            }
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                String name = in.readUTF();
                tensors.put(name, readTensor(in, file, name, size, device));
            }
            long expected = sum.getValue();
            if (in.readLong() != expected) {
                throw new IOException(file + " is damaged: its checksum is wrong");
            }
            return tensors;
        }
    }

    private static void writeTensor(DataOutputStream out, String name, Tensor tensor) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Tensor values = tensor.detach()
                    .to(new org.bytedeco.pytorch.Device("cpu"), tensor.scalar_type())
                    .contiguous();
            out.writeUTF(name);
            out.writeUTF(values.scalar_type().intern().name());
            out.writeByte((int) values.dim());
            for (long d = 0; d < values.dim(); d++) {
                out.writeLong(values.size(d));
            }
            byte[] bytes = new byte[Math.toIntExact(values.numel() * values.element_size())];
            if (bytes.length > 0) { // an empty tensor has no address
                new BytePointer(values.data_ptr()).capacity(bytes.length).get(bytes);
            }
            out.write(bytes);
        }
    }

    private static Tensor readTensor(DataInputStream in, Path file, String name, long fileSize, Device device)
            throws IOException {
        torch.ScalarType type = scalarType(in.readUTF(), file, name);
        int dimensions = in.readUnsignedByte();
        if (dimensions > MAX_DIMENSIONS) {
            throw new IOException(file + " is damaged: tensor " + name + " claims " + dimensions + " dimensions");
        }
        long[] shape = new long[dimensions];
        long length = torch.elementSize(type);
        for (int d = 0; d < dimensions; d++) {
            shape[d] = in.readLong();
            if (shape[d] < 0 || (shape[d] > 0 && length > fileSize / shape[d])) {
                throw new IOException(file + " is damaged: tensor " + name + " is larger than the file");
            }
            length *= shape[d];
        }
        byte[] bytes = new byte[Math.toIntExact(length)];
        in.readFully(bytes);
        try (PointerScope scope = new PointerScope()) {
            BytePointer data = new BytePointer(Math.max(1, bytes.length));
            data.put(bytes, 0, bytes.length);
            Tensor values =
                    torch.from_blob(data, shape, new TensorOptions(type)).clone();
            return Torch.handOver(scope, values.to(Torch.name(device), type));
        }
    }

    private static torch.ScalarType scalarType(String name, Path file, String tensor) throws IOException {
        try {
            return torch.ScalarType.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: tensor " + tensor + " has the unknown type " + name, e);
        }
    }
}
