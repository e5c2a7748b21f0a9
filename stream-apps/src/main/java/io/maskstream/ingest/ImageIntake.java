package io.maskstream.ingest;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageFormatException;
import io.maskstream.segmentation.image.ImageHeader;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Checks encoded images by their header and turns them into the content of an event.
 *
 * <p>Claim check (Hohpe and Woolf, "Enterprise Integration Patterns"): bytes above the inline limit go into the content
 * store first, and the event carries their key.
 */
final class ImageIntake {
    private static final int ID_DIGITS = 32;

    private final IngestConfig config;
    private final ImageDecoder decoder;
    private final ContentStore store;

    ImageIntake(IngestConfig config, ContentStore store) {
        this.config = config;
        this.decoder = new ImageDecoder(new ImageLimits(config.maxBytes(), config.maxPixels()));
        this.store = store;
    }

    /**
     * An image whose header was found good.
     *
     * @param bytes as encoded
     * @param sha256 of the bytes, 64 hex digits
     * @param header what the header says
     */
    @SuppressWarnings("ArrayRecordComponent") // passed from one call to the next, never compared
    record Checked(byte[] bytes, String sha256, ImageHeader header) {
        /** Returns the id of an image that was given none. */
        String id() {
            return sha256.substring(0, ID_DIGITS);
        }
    }

    /** Returns the largest number of bytes that an image may have. */
    long maxBytes() {
        return config.maxBytes();
    }

    /** Checks size and header; nothing is decoded or stored. */
    Checked check(byte[] bytes) throws ImageFormatException {
        return new Checked(bytes, sha256(bytes), decoder.inspect(bytes));
    }

    /** Returns the content of an event for a checked image, which is in the store by then if it is too large to go inline. */
    ImageContent content(Checked image) throws IOException {
        boolean inline = image.bytes().length <= config.inlineBytes();
        return ImageContent.newBuilder()
                .setSha256(image.sha256())
                .setMediaType(image.header().mediaType())
                .setWidth(image.header().width())
                .setHeight(image.header().height())
                .setSizeBytes(image.bytes().length)
                .setBytes(inline ? ByteBuffer.wrap(image.bytes()) : null)
                .setReference(inline ? null : store.put(image.bytes()))
                .build();
    }

    /** Reads a file that has at most so many bytes. */
    static byte[] read(Path file, long maxBytes) throws IOException {
        long size = Files.size(file);
        if (size > maxBytes) {
            throw new IOException("it has " + size + " bytes, the limit is " + maxBytes);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes((int) Math.min(maxBytes, Integer.MAX_VALUE - 8));
            if (in.read() >= 0) {
                throw new IOException("it has more than " + maxBytes + " bytes, the limit");
            }
            return bytes;
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
