package io.maskstream.segmentation.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The raw content of a PNG file: samples or palette indices as stored, before any colour is made of them.
 *
 * <p>ISO/IEC 15948. Own code rather than the JDK's, because that checks no CRC, fills in what a truncated file lacks, and
 * hides palette indices, which are the class ids of most segmentation data sets.
 *
 * @param width columns, in pixels
 * @param height rows, in pixels
 * @param bitDepth bits a sample, 1, 2, 4, 8 or 16
 * @param colourType {@link #GREY}, {@link #RGB}, {@link #PALETTE}, {@link #GREY_ALPHA} or {@link #RGB_ALPHA}
 * @param samples {@code [height, width, channels]}, one byte a sample, two (big-endian) at bit depth 16
 * @param palette red, green and blue of each index; empty without one
 * @param transparency the {@code tRNS} chunk as stored; empty without one
 */
public record Png(
        int width, int height, int bitDepth, int colourType, Bytes samples, Bytes palette, Bytes transparency) {
    /** One grey sample a pixel. */
    public static final int GREY = 0;
    /** Red, green, blue. */
    public static final int RGB = 2;
    /** One index into the palette. */
    public static final int PALETTE = 3;
    /** Grey and alpha. */
    public static final int GREY_ALPHA = 4;
    /** Red, green, blue, alpha. */
    public static final int RGB_ALPHA = 6;

    private static final int HEADER = 0x49484452; // IHDR
    private static final int COLOURS = 0x504c5445; // PLTE
    private static final int CLEAR = 0x74524e53; // tRNS
    private static final int DATA = 0x49444154; // IDAT
    private static final int ANIMATION = 0x6163544c; // acTL
    private static final int END = 0x49454e44; // IEND
    private static final int FIRST_CHUNK = 8;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /** Says whether the bytes begin as a PNG does. */
    public static boolean isPng(byte[] bytes) {
        return bytes.length >= SIGNATURE.length
                && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * Reads the file.
     *
     * @param maxPixels the most pixels to decode; checked before anything is allocated for them
     * @throws IOException if it is no whole, intact PNG of one frame within the limit
     */
    public static Png read(byte[] bytes, long maxPixels) throws IOException {
        return new Reader(bytes).read(maxPixels);
    }

    /** Returns the samples a pixel has. */
    public int channels() {
        return channels(colourType);
    }

    private static int channels(int colourType) {
        return switch (colourType) {
            case RGB -> 3;
            case GREY_ALPHA -> 2;
            case RGB_ALPHA -> 4;
            default -> 1;
        };
    }

    /** Returns the colours of the palette as {@code 0xRRGGBB}, without reading the pixels; empty if there is none. */
    public static List<Integer> palette(byte[] bytes) {
        byte[] stored = isPng(bytes) ? chunk(bytes, "PLTE") : null;
        List<Integer> colours = new ArrayList<>();
        for (int i = 0; stored != null && i + 2 < stored.length; i += 3) {
            colours.add((stored[i] & 0xff) << 16 | (stored[i + 1] & 0xff) << 8 | (stored[i + 2] & 0xff));
        }
        return colours;
    }

    /** Width and height as the header states them, both at least 1; nothing else is checked. */
    record Size(int width, int height) {}

    static Size size(byte[] bytes) throws IOException {
        Reader reader = new Reader(bytes);
        reader.readHeader();
        return new Size(reader.width, reader.height);
    }

    /** Finds the payload of the first chunk of a type; {@code null} without one. Used for the EXIF chunk. */
    static byte @Nullable [] chunk(byte[] bytes, String type) {
        byte[] wanted = type.getBytes(StandardCharsets.US_ASCII);
        int at = FIRST_CHUNK;
        while (at + 12 <= bytes.length) {
            int length = int32(bytes, at);
            if (length < 0 || length > bytes.length - at - 12) {
                return null;
            }
            if (Arrays.equals(bytes, at + 4, at + 8, wanted, 0, 4)) {
                return Arrays.copyOfRange(bytes, at + 8, at + 8 + length);
            }
            at += 12 + length;
        }
        return null;
    }

    private static int int32(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    /** Reads one file; holds the state that chunks leave behind. */
    private static final class Reader {
        private final byte[] bytes;
        private int width;
        private int height;
        private int bitDepth;
        private int colourType;
        private boolean interlaced;
        private byte[] palette = {};
        private byte[] transparency = {};

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        void readHeader() throws IOException {
            if (bytes.length < FIRST_CHUNK + 25) {
                throw new IOException("truncated PNG: " + bytes.length + " bytes do not hold its header");
            }
            if (int32(bytes, FIRST_CHUNK) != 13 || int32(bytes, FIRST_CHUNK + 4) != HEADER) {
                throw new IOException("corrupt PNG: the first chunk is not a header (IHDR) of 13 bytes");
            }
            requireCrc(FIRST_CHUNK, 13);
            int at = FIRST_CHUNK + 8;
            width = int32(bytes, at);
            height = int32(bytes, at + 4);
            bitDepth = bytes[at + 8];
            colourType = bytes[at + 9];
            interlaced = bytes[at + 12] == 1;
            boolean known =
                    switch (colourType) {
                        case GREY -> bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8 || bitDepth == 16;
                        case PALETTE -> bitDepth == 1 || bitDepth == 2 || bitDepth == 4 || bitDepth == 8;
                        case RGB, GREY_ALPHA, RGB_ALPHA -> bitDepth == 8 || bitDepth == 16;
                        default -> false;
                    };
            if (width < 1 || height < 1) {
                throw new IOException("corrupt PNG: its header says " + width + "x" + height + " px");
            }
            if (!known || bytes[at + 10] != 0 || bytes[at + 11] != 0 || bytes[at + 12] < 0 || bytes[at + 12] > 1) {
                throw new IOException("corrupt PNG: its header has colour type " + colourType + " with " + bitDepth
                        + " bits, compression " + bytes[at + 10] + ", filter " + bytes[at + 11] + ", interlace "
                        + bytes[at + 12] + ", which the standard does not know");
            }
        }

        Png read(long maxPixels) throws IOException {
            if (!isPng(bytes)) {
                throw new IOException("no PNG: it does not begin with the PNG signature");
            }
            readHeader();
            if ((long) width * height > maxPixels) {
                throw new IOException("the PNG has " + width + "x" + height + " = " + (long) width * height
                        + " pixels, at most " + maxPixels + " are accepted");
            }
            long sampleBytes = (long) width * height * channels(colourType) * (bitDepth == 16 ? 2 : 1);
            if (sampleBytes > Integer.MAX_VALUE - 16) {
                throw new IOException("the PNG has " + sampleBytes + " bytes of samples, more than an array holds");
            }
            Inflater inflater = new Inflater();
            try {
                return inflate(inflater, (int) sampleBytes);
            } finally {
                inflater.end();
            }
        }

        private Png inflate(Inflater inflater, int sampleBytes) throws IOException {
            PngRows rows = new PngRows(width, height, channels(colourType), bitDepth, interlaced, sampleBytes);
            boolean ended = false;
            int at = FIRST_CHUNK + 25;
            while (!ended) {
                if (at + 12 > bytes.length) {
                    throw truncated(rows);
                }
                int length = int32(bytes, at);
                int type = int32(bytes, at + 4);
                if (length < 0) {
                    throw new IOException("corrupt PNG: the chunk at byte " + at + " has a length above 2^31");
                }
                if (length > bytes.length - at - 12) {
                    throw truncated(rows);
                }
                boolean needed = (type & 0x20000000) == 0; // a capital first letter marks a critical chunk
                if (needed || type == CLEAR) {
                    requireCrc(at, length);
                }
                switch (type) {
                    case COLOURS -> palette = palette(at + 8, length);
                    case CLEAR -> transparency = Arrays.copyOfRange(bytes, at + 8, at + 8 + length);
                    case DATA -> feed(inflater, rows, at + 8, length);
                    case ANIMATION ->
                        throw new IOException(
                                "an animated PNG is not one picture: publish its frames as pictures of their own");
                    case END -> ended = true;
                    default -> {
                        if (needed) {
                            throw new IOException("corrupt PNG: unknown critical chunk at byte " + at);
                        }
                    }
                }
                at += 12 + length;
            }
            if (!rows.isComplete()) {
                throw new IOException("truncated PNG: its data end after row " + rows.rowsDone() + " of " + height);
            }
            if (colourType == PALETTE && palette.length == 0) {
                throw new IOException("corrupt PNG: it has palette indices but no palette");
            }
            return new Png(
                    width,
                    height,
                    bitDepth,
                    colourType,
                    Bytes.wrap(rows.samples()),
                    Bytes.wrap(palette),
                    Bytes.wrap(transparency));
        }

        private IOException truncated(PngRows rows) {
            return new IOException("truncated PNG: it ends at byte " + bytes.length + " before its end chunk, in row "
                    + rows.rowsDone() + " of " + height);
        }

        private byte[] palette(int from, int length) throws IOException {
            if (length == 0 || length % 3 != 0 || length > 768) {
                throw new IOException("corrupt PNG: a palette of " + length + " bytes is not 1 to 256 colours");
            }
            return Arrays.copyOfRange(bytes, from, from + length);
        }

        private void feed(Inflater inflater, PngRows rows, int from, int length) throws IOException {
            inflater.setInput(bytes, from, length);
            try {
                while (!rows.isComplete() && !inflater.needsInput() && !inflater.finished()) {
                    if (inflater.needsDictionary()) {
                        throw new IOException("corrupt PNG: its data ask for a dictionary");
                    }
                    rows.advance(inflater.inflate(rows.buffer(), rows.filled(), rows.missing()));
                }
            } catch (DataFormatException e) {
                throw new IOException(
                        "corrupt PNG: its data do not inflate in row " + rows.rowsDone() + " of " + height + " ("
                                + e.getMessage() + ")",
                        e);
            }
        }

        private void requireCrc(int chunk, int length) throws IOException {
            CRC32 crc = new CRC32();
            crc.update(bytes, chunk + 4, 4 + length);
            if ((int) crc.getValue() != int32(bytes, chunk + 8 + length)) {
                String type = new String(bytes, chunk + 4, 4, StandardCharsets.ISO_8859_1);
                throw new IOException("corrupt PNG: the check sum (CRC) of its "
                        + (type.chars().allMatch(Character::isLetter) ? type : "unreadable") + " chunk at byte " + chunk
                        + " is wrong; fetch or write the file again");
            }
        }
    }
}
