package io.maskstream.segmentation.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * The segments of a JPEG file, walked from its first byte to its end marker before any pixel is decoded.
 *
 * <p>ITU-T T.81, annex B. The walk finds size, colour form and orientation, and notices a file that stops early.
 * {@link #bare()} leaves out what does not concern the pixels (thumbnails, colour profiles, comments), so that none of it
 * reaches a native decoder.
 */
final class JpegSegments {
    private static final int START = 0xd8;
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final int APP15 = 0xef;
    private static final int COMMENT = 0xfe;
    private static final int MOST_SCANS = 64; // progressive files have about ten
    private static final byte[] JFIF = {
        (byte) 0xff, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private final byte[] bytes;
    private final ByteArrayOutputStream kept;
    private int process = -1;
    private int precision;
    private int width;
    private int height;
    private int components;
    private boolean namedRgb;
    private int adobeTransform = -1;
    private int orientation = 1;
    private int scans;

    JpegSegments(byte[] bytes) throws IOException {
        this.bytes = bytes;
        this.kept = new ByteArrayOutputStream(bytes.length + JFIF.length);
        walk();
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    int components() {
        return components;
    }

    int orientation() {
        return orientation;
    }

    /** What the Adobe segment says of the colours: 0 as they are, 1 YCbCr, 2 YCCK; -1 without one. */
    int adobeTransform() {
        return adobeTransform;
    }

    /** Returns the file without the segments that do not concern its pixels. */
    byte[] bare() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(kept.size() + 24);
        out.write(0xff);
        out.write(START);
        if (adobeTransform < 0 && (components == 1 || components == 3) && !namedRgb) {
            out.writeBytes(JFIF); // without it the decoder guesses RGB where the standard's habit is YCbCr
        }
        out.writeBytes(kept.toByteArray());
        return out.toByteArray();
    }

    private void walk() throws IOException {
        int at = 2;
        while (true) {
            int marker = markerAt(at);
            if (marker == END) {
                kept.write(0xff);
                kept.write(END);
                break;
            }
            if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
                at = skipFill(at) + 2;
                continue;
            }
            int from = skipFill(at);
            if (from + 4 > bytes.length) {
                throw truncated();
            }
            int length = int16(from + 2);
            if (length < 2) {
                throw new IOException("corrupt JPEG: the segment at byte " + from + " has length " + length);
            }
            int next = from + 2 + length;
            if (next > bytes.length) {
                throw truncated();
            }
            read(marker, from + 4, length - 2);
            boolean isApp = marker >= APP0 && marker <= APP15;
            if (marker == APP14 || (!isApp && marker != COMMENT)) {
                kept.write(bytes, from, next - from);
            }
            at = next;
            if (marker == SCAN) {
                if (++scans > MOST_SCANS) {
                    throw new IOException("the JPEG has more than " + MOST_SCANS
                            + " scans, each of which costs as much as a picture: save it anew");
                }
                at = endOfScan(next);
                kept.write(bytes, next, at - next);
            }
        }
        if (process < 0) {
            throw new IOException("corrupt JPEG: it ends without a frame header");
        }
    }

    private int markerAt(int at) throws IOException {
        if (at >= bytes.length) {
            throw truncated();
        }
        if ((bytes[at] & 0xff) != 0xff) {
            throw new IOException("corrupt JPEG: expected a marker at byte " + at + ", found 0x"
                    + Integer.toHexString(bytes[at] & 0xff));
        }
        int from = skipFill(at);
        if (from + 1 >= bytes.length) {
            throw truncated();
        }
        return bytes[from + 1] & 0xff;
    }

    /** A marker may be preceded by any number of 0xff; returns the last one. */
    private int skipFill(int at) {
        int from = at;
        while (from + 1 < bytes.length && (bytes[from + 1] & 0xff) == 0xff) {
            from++;
        }
        return from;
    }

    private int endOfScan(int from) throws IOException {
        for (int i = from; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xff) {
                int code = bytes[i + 1] & 0xff;
                if (code != 0 && code != 0xff && (code < 0xd0 || code > 0xd7)) {
                    return i;
                }
            }
        }
        throw truncated();
    }

    private void read(int marker, int at, int length) throws IOException {
        boolean isFrame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (isFrame) {
            frame(marker, at, length);
        } else if (marker == SCAN && process < 0) {
            throw new IOException("corrupt JPEG: a scan comes before the frame header");
        } else if (marker == APP1 && length > 14 && startsWith(at, "Exif")) {
            orientation = Exif.orientation(bytes, at + 6, at + length);
        } else if (marker == APP14 && length >= 12 && startsWith(at, "Adobe")) {
            adobeTransform = bytes[at + 11] & 0xff;
        }
    }

    private void frame(int marker, int at, int length) throws IOException {
        if (process >= 0) {
            throw new IOException("corrupt JPEG: it has two frame headers");
        }
        if (length < 6 || length < 6 + 3 * (bytes[at + 5] & 0xff)) {
            throw new IOException("corrupt JPEG: its frame header has only " + length + " bytes");
        }
        process = marker - 0xc0;
        precision = bytes[at] & 0xff;
        height = int16(at + 1);
        width = int16(at + 3);
        components = bytes[at + 5] & 0xff;
        if (process > 2 || precision != 8) {
            throw new IOException("the JPEG is " + precision + "-bit with coding process " + process
                    + "; baseline, extended and progressive of 8 bits are read: save it as one of these");
        }
        if (width < 1 || height < 1) {
            throw new IOException("corrupt JPEG: its header says " + width + "x" + height + " px");
        }
        if (components != 1 && components != 3 && components != 4) {
            throw new IOException(
                    "the JPEG has " + components + " components; grey (1), colour (3) and CMYK (4) are read");
        }
        namedRgb = components == 3 && bytes[at + 6] == 'R' && bytes[at + 9] == 'G' && bytes[at + 12] == 'B';
    }

    private boolean startsWith(int at, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[at + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int int16(int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    private IOException truncated() {
        return new IOException("truncated JPEG: it ends at byte " + bytes.length + " without its end marker");
    }
}
