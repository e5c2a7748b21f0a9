package io.maskstream.segmentation.image;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * Bytes in memory for a decoder, which may ask a little beyond their end, but not for ever.
 *
 * <p>Decoders of bit streams look ahead, so an end alone is no error. Some take every end for zeros, and then a few
 * damaged bytes keep them busy for minutes; an end of the patience stops these.
 */
final class PatientInput extends ImageInputStreamImpl {
    private static final int PATIENCE = 4_096;

    private final byte[] bytes;
    private int ends;

    PatientInput(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
        checkClosed();
        bitOffset = 0;
        return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : end();
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        checkClosed();
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        int count = (int) Math.min(length, bytes.length - streamPos);
        if (count <= 0) {
            return end();
        }
        System.arraycopy(bytes, (int) streamPos, target, from, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return bytes.length;
    }

    private int end() throws IOException {
        if (++ends > PATIENCE) {
            throw new IOException("truncated picture: its data end before its pixels do");
        }
        return -1;
    }
}
