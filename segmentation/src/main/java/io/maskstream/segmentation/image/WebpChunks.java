package io.maskstream.segmentation.image;

import java.io.IOException;

/**
 * The chunks of a WebP file, walked before any pixel is decoded.
 *
 * <p>RFC 9649. A file with an extended header states its size twice; both must agree, or a small canvas could announce
 * what a large frame then allocates.
 */
final class WebpChunks {
    private WebpChunks() {}

    static FormatHeader header(byte[] bytes) throws IOException {
        long end = 8 + int32(bytes, 4);
        if (end > bytes.length) {
            throw new IOException("truncated WebP: it announces " + end + " bytes, found " + bytes.length);
        }
        long[] canvas = {};
        long[] frame = {};
        int orientation = 1;
        long at = 12;
        while (at + 8 <= end) {
            int chunk = (int) at;
            long length = int32(bytes, chunk + 4);
            if (at + 8 + length > end) {
                throw new IOException("truncated WebP: its chunk at byte " + at + " has " + length
                        + " bytes, but the file ends at " + end);
            }
            if (FormatHeader.startsWith(bytes, chunk, "VP8X") && length >= 10) {
                if ((bytes[chunk + 8] & 2) != 0) {
                    throw new IOException(
                            "an animated WebP is not one picture: publish its frames as pictures of their own");
                }
                canvas = new long[] {1 + int24(bytes, chunk + 12), 1 + int24(bytes, chunk + 15)};
            } else if (FormatHeader.startsWith(bytes, chunk, "VP8 ")) {
                frame = lossy(bytes, chunk + 8, length);
            } else if (FormatHeader.startsWith(bytes, chunk, "VP8L")) {
                frame = lossless(bytes, chunk + 8, length);
            } else if (FormatHeader.startsWith(bytes, chunk, "EXIF")) {
                // Some writers put JPEG's "Exif\0\0" before the structure.
                int skip = FormatHeader.startsWith(bytes, chunk + 8, "Exif\0\0") ? 6 : 0;
                orientation = Exif.orientation(bytes, chunk + 8 + skip, (int) (at + 8 + length));
            }
            at += 8 + length + (length & 1);
        }
        if (frame.length == 0) {
            throw new IOException("corrupt WebP: it has no picture chunk (VP8 or VP8L)");
        }
        if (canvas.length != 0 && (canvas[0] != frame[0] || canvas[1] != frame[1])) {
            throw new IOException("corrupt WebP: its header says " + canvas[0] + "x" + canvas[1] + " px, its frame "
                    + frame[0] + "x" + frame[1]);
        }
        return new FormatHeader(FormatHeader.Format.WEBP, frame[0], frame[1], orientation);
    }

    private static long[] lossy(byte[] bytes, int at, long length) throws IOException {
        if (length < 10 || !FormatHeader.startsWith(bytes, at + 3, "\u009d\u0001*")) {
            throw new IOException("corrupt WebP: its VP8 chunk does not begin with a key frame");
        }
        return new long[] {int16(bytes, at + 6) & 0x3fff, int16(bytes, at + 8) & 0x3fff};
    }

    private static long[] lossless(byte[] bytes, int at, long length) throws IOException {
        if (length < 5 || bytes[at] != 0x2f) {
            throw new IOException("corrupt WebP: its VP8L chunk does not begin with the VP8L signature");
        }
        long packed = int32(bytes, at + 1);
        return new long[] {1 + (packed & 0x3fff), 1 + (packed >> 14 & 0x3fff)};
    }

    private static long int16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
    }

    private static long int24(byte[] bytes, int at) {
        return int16(bytes, at) | (bytes[at + 2] & 0xff) << 16;
    }

    private static long int32(byte[] bytes, int at) {
        return int16(bytes, at) | int16(bytes, at + 2) << 16;
    }
}
