package io.maskstream.segmentation.image;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What the directories of a TIFF structure say, read without allocating anything that they ask for.
 *
 * <p>TIFF 6.0, section 2. {@link #check} follows every directory, because a decoder would, and refuses entries that claim
 * more values than the file has bytes.
 */
final class TiffDirectories {
    private static final int MOST_DIRECTORIES = 256;
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    /**
     * The first directory, which is the picture; tags that are absent have the standard's default.
     *
     * @param compression 1 is none
     * @param sampleFormat 1 is unsigned whole numbers
     */
    record Picture(
            long width,
            long height,
            int orientation,
            int samples,
            int bits,
            long tileWidth,
            long tileHeight,
            int sampleFormat,
            int compression) {}

    private final byte[] bytes;
    private final int from;
    private final int to;
    private final boolean littleEndian;

    private TiffDirectories(byte[] bytes, int from, int to) throws IOException {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        if (to - from < 8) {
            throw new IOException("truncated TIFF: " + (to - from) + " bytes do not hold its header");
        }
        littleEndian = bytes[from] == 'I';
        int magic = int16(2);
        if (magic != 42) {
            throw new IOException(
                    magic == 43
                            ? "BigTIFF is not read: save the picture as plain TIFF"
                            : "corrupt TIFF: its header has the number " + magic + " where 42 belongs");
        }
    }

    static Picture first(byte[] bytes, int from, int to) throws IOException {
        TiffDirectories tiff = new TiffDirectories(bytes, from, to);
        return tiff.picture(tiff.int32(4));
    }

    /** Follows all directories, so that none of them asks a decoder for more than the file could hold. */
    static void check(byte[] bytes) throws IOException {
        TiffDirectories tiff = new TiffDirectories(bytes, 0, bytes.length);
        Deque<Long> open = new ArrayDeque<>();
        Set<Long> seen = new HashSet<>();
        open.add(tiff.int32(4));
        while (!open.isEmpty()) {
            long directory = open.remove();
            if (directory == 0) {
                continue;
            }
            if (!seen.add(directory)) {
                throw new IOException("corrupt TIFF: its directories form a circle at byte " + directory);
            }
            if (seen.size() > MOST_DIRECTORIES) {
                throw new IOException("the TIFF has more than " + MOST_DIRECTORIES + " directories");
            }
            tiff.checkDirectory(directory, open);
        }
    }

    private void checkDirectory(long directory, Deque<Long> open) throws IOException {
        int entries = entries(directory);
        for (int i = 0; i < entries; i++) {
            int entry = (int) directory + 2 + 12 * i;
            int tag = int16(entry);
            int type = int16(entry + 2);
            long count = int32(entry + 4);
            int size = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
            if (size == 0) {
                continue; // an unknown type: the standard says to skip it
            }
            long at = count * size <= 4 ? entry + 8 : int32(entry + 8);
            if (count > to - from || count * size > to - from || at + count * size > to - from) {
                throw new IOException("truncated or corrupt TIFF: tag " + tag + " claims " + count + " values at byte "
                        + at + " of " + (to - from));
            }
            boolean isPointer = tag == 330 || tag == 34665 || tag == 34853 || tag == 40965;
            for (int value = 0; isPointer && (type == 4 || type == 13) && value < count; value++) {
                open.add(int32((int) at + 4 * value));
                if (open.size() > MOST_DIRECTORIES) {
                    throw new IOException("the TIFF has more than " + MOST_DIRECTORIES + " directories");
                }
            }
        }
        int next = (int) directory + 2 + 12 * entries;
        open.add(next + 4 <= to - from ? int32(next) : 0);
    }

    private int entries(long directory) throws IOException {
        if (directory < 8 || directory + 2 > to - from) {
            throw new IOException("truncated TIFF: a directory should be at byte " + directory + " of " + (to - from));
        }
        int entries = int16((int) directory);
        if (directory + 2 + 12L * entries > to - from) {
            throw new IOException("truncated TIFF: its directory of " + entries + " entries at byte " + directory
                    + " goes beyond its " + (to - from) + " bytes");
        }
        return entries;
    }

    private Picture picture(long directory) throws IOException {
        long width = 0;
        long height = 0;
        int orientation = 1;
        int samples = 1;
        int bits = 1;
        long tileWidth = 0;
        long tileHeight = 0;
        int format = 1;
        int compression = 1;
        int entries = entries(directory);
        for (int i = 0; i < entries; i++) {
            int entry = (int) directory + 2 + 12 * i;
            long value = value(entry);
            switch (int16(entry)) {
                case 256 -> width = value;
                case 257 -> height = value;
                case 258 -> bits = (int) value;
                case 259 -> compression = (int) value;
                case 274 -> orientation = value >= 1 && value <= 8 ? (int) value : 1;
                case 277 -> samples = (int) value;
                case 322 -> tileWidth = value;
                case 323 -> tileHeight = value;
                case 339 -> format = (int) value;
                default -> {}
            }
        }
        return new Picture(width, height, orientation, samples, bits, tileWidth, tileHeight, format, compression);
    }

    /** Returns the first value of an entry, 0 if it lies outside. */
    private long value(int entry) {
        int type = int16(entry + 2);
        long count = int32(entry + 4);
        if (type == 1) {
            return bytes[from + entry + 8] & 0xff;
        }
        if (type == 3) {
            long at = count <= 2 ? entry + 8 : int32(entry + 8);
            return at + 2 <= to - from ? int16((int) at) : 0;
        }
        if (type == 4 || type == 13) {
            long at = count <= 1 ? entry + 8 : int32(entry + 8);
            return at + 4 <= to - from ? int32((int) at) : 0;
        }
        return 0;
    }

    private int int16(int at) {
        int one = bytes[from + at] & 0xff;
        int two = bytes[from + at + 1] & 0xff;
        return littleEndian ? two << 8 | one : one << 8 | two;
    }

    private long int32(int at) {
        long low = int16(littleEndian ? at : at + 2);
        long high = int16(littleEndian ? at + 2 : at);
        return high << 16 | low;
    }
}
