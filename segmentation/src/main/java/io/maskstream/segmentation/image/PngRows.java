package io.maskstream.segmentation.image;

import java.io.IOException;
import java.util.Arrays;

/**
 * Undoes the row filters, the bit packing and the interlacing of a PNG, a row at a time as it is inflated.
 *
 * <p>Only the samples and two rows are held, so a picture never needs more than its header announced.
 */
final class PngRows {
    private static final int[][] WHOLE = {{0, 0, 1, 1}};
    private static final int[][] ADAM7 = { // first column, first row, column step, row step
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final int width;
    private final int height;
    private final int channels;
    private final int bitDepth;
    private final int pixelBytes; // how far back the filters look
    private final int[][] passes;
    private final byte[] samples;
    private byte[] row; // filter type, then packed samples
    private byte[] above;
    private int filled;
    private int pass = -1;
    private int passRow;
    private int passRows;
    private int passColumns;
    private int rowBytes;
    private int rowsDone;
    private boolean complete;

    PngRows(int width, int height, int channels, int bitDepth, boolean interlaced, int sampleBytes) {
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.bitDepth = bitDepth;
        this.pixelBytes = Math.max(1, channels * bitDepth / 8);
        this.passes = interlaced ? ADAM7 : WHOLE;
        this.samples = new byte[sampleBytes];
        int longest = 1 + (int) (((long) width * channels * bitDepth + 7) / 8);
        this.row = new byte[longest];
        this.above = new byte[longest];
        nextPass();
    }

    boolean isComplete() {
        return complete;
    }

    int rowsDone() {
        return rowsDone;
    }

    byte[] samples() {
        return samples;
    }

    byte[] buffer() {
        return row;
    }

    int filled() {
        return filled;
    }

    int missing() {
        return rowBytes - filled;
    }

    /** Takes note of bytes written to the buffer; a full row is unfiltered and stored. */
    void advance(int count) throws IOException {
        filled += count;
        if (filled < rowBytes) {
            return;
        }
        unfilter();
        store();
        byte[] done = row;
        row = above;
        above = done;
        filled = 0;
        passRow++;
        if (passes.length == 1) {
            rowsDone++;
        }
        if (passRow == passRows) {
            nextPass();
        }
    }

    private void nextPass() {
        do {
            pass++;
            if (pass == passes.length) {
                complete = true;
                rowsDone = height;
                return;
            }
            int[] layout = passes[pass];
            passColumns = (width - layout[0] + layout[2] - 1) / layout[2];
            passRows = (height - layout[1] + layout[3] - 1) / layout[3];
        } while (passColumns <= 0 || passRows <= 0);
        passRow = 0;
        rowBytes = 1 + (int) (((long) passColumns * channels * bitDepth + 7) / 8);
        Arrays.fill(above, (byte) 0);
    }

    private void unfilter() throws IOException {
        int back = pixelBytes;
        switch (row[0]) {
            case 0 -> {}
            case 1 -> {
                for (int i = 1 + back; i < rowBytes; i++) {
                    row[i] += row[i - back];
                }
            }
            case 2 -> {
                for (int i = 1; i < rowBytes; i++) {
                    row[i] += above[i];
                }
            }
            case 3 -> {
                for (int i = 1; i < rowBytes; i++) {
                    int left = i > back ? row[i - back] & 0xff : 0;
                    row[i] += (byte) ((left + (above[i] & 0xff)) >> 1);
                }
            }
            case 4 -> {
                for (int i = 1; i < rowBytes; i++) {
                    int left = i > back ? row[i - back] & 0xff : 0;
                    int corner = i > back ? above[i - back] & 0xff : 0;
                    row[i] += (byte) paeth(left, above[i] & 0xff, corner);
                }
            }
            default ->
                throw new IOException("corrupt PNG: row " + passRow + " has the unknown filter " + (row[0] & 0xff));
        }
    }

    private static int paeth(int left, int up, int corner) {
        int byLeft = Math.abs(up - corner);
        int byUp = Math.abs(left - corner);
        int byCorner = Math.abs(left + up - 2 * corner);
        if (byLeft <= byUp && byLeft <= byCorner) {
            return left;
        }
        return byUp <= byCorner ? up : corner;
    }

    private void store() {
        int[] layout = passes[pass];
        int y = layout[1] + passRow * layout[3];
        if (bitDepth >= 8) {
            int size = channels * bitDepth / 8;
            if (layout[2] == 1) {
                System.arraycopy(row, 1, samples, y * width * size, width * size);
                return;
            }
            for (int i = 0; i < passColumns; i++) {
                System.arraycopy(row, 1 + i * size, samples, (y * width + layout[0] + i * layout[2]) * size, size);
            }
            return;
        }
        int mask = (1 << bitDepth) - 1; // below 8 bits there is one channel
        for (int i = 0; i < passColumns; i++) {
            int bit = i * bitDepth;
            samples[y * width + layout[0] + i * layout[2]] =
                    (byte) (row[1 + (bit >> 3)] >> (8 - bitDepth - (bit & 7)) & mask);
        }
    }
}
