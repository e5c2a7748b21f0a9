package io.maskstream.segmentation.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files of 8-bit samples, for speed rather than for the last percent of size. */
public final class PngWriter {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte LEFT = 1;
    private static final byte ABOVE = 2;

    private PngWriter() {}

    /**
     * Returns a grey PNG.
     *
     * @param samples {@code [height, width]} row-major
     */
    public static byte[] grey(int height, int width, byte[] samples) {
        // Differences to the row above are mostly zero in a mask; then the fastest level is also nearly the smallest.
        return write(height, width, 1, Png.GREY, ABOVE, samples);
    }

    /**
     * Returns an RGB PNG.
     *
     * @param samples {@code [height, width, 3]} row-major
     */
    public static byte[] rgb(int height, int width, byte[] samples) {
        return write(height, width, 3, Png.RGB, LEFT, samples);
    }

    private static byte[] write(int height, int width, int channels, int colourType, byte filter, byte[] samples) {
        int rowBytes = Math.multiplyExact(width, channels);
        byte[] rows = new byte[Math.multiplyExact(rowBytes + 1, height)];
        int back = filter == LEFT ? channels : rowBytes;
        for (int y = 0; y < height; y++) {
            int to = y * (rowBytes + 1);
            int from = y * rowBytes;
            rows[to] = filter;
            int plain = filter == LEFT ? channels : y == 0 ? rowBytes : 0; // nothing lies before these
            System.arraycopy(samples, from, rows, to + 1, plain);
            for (int i = plain; i < rowBytes; i++) {
                rows[to + 1 + i] = (byte) (samples[from + i] - samples[from + i - back]);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024 + rows.length / 4);
        out.writeBytes(SIGNATURE);
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) 8)
                .put((byte) colourType)
                .array();
        chunk(out, "IHDR", header, header.length);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(rows);
            deflater.finish();
            byte[] data = new byte[1 << 16];
            while (!deflater.finished()) {
                chunk(out, "IDAT", data, deflater.deflate(data));
            }
        } finally {
            deflater.end();
        }
        chunk(out, "IEND", new byte[0], 0);
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data, int length) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data, 0, length);
        out.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        out.writeBytes(name);
        out.write(data, 0, length);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
