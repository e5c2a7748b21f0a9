package io.maskstream.labeling;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.ImageHeader;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The images of tasks in a form that every browser shows, pixel for pixel as the model saw them.
 *
 * <p>Upright 8-bit JPEG, PNG and WebP go out as they are. All else, TIFF, BMP, 16 bits a channel, a turned camera, is decoded by the
 * one decoder and sent as PNG, so that a person and the model never look at two different pictures.
 */
final class TaskImages {
    private static final Set<String> SHOWN_BY_BROWSERS = Set.of("image/jpeg", "image/png", "image/webp");
    private static final int PNG_BIT_DEPTH = 24;

    private final ContentStore content;
    private final ImageLimits limits;
    private final ImageDecoder decoder;

    /** An image as it is sent. */
    @SuppressWarnings("ArrayRecordComponent") // sent at once, never compared
    record Viewable(String mediaType, byte[] bytes) {}

    TaskImages(ContentStore content, ImageLimits limits) {
        this.content = content;
        this.limits = limits;
        this.decoder = new ImageDecoder(limits);
    }

    /**
     * Returns the image in a form that browsers show.
     *
     * @throws IOException if the store has not got it, or it cannot be decoded
     */
    Viewable viewable(ImageContent image) throws IOException {
        byte[] bytes = read(image);
        ImageHeader header = decoder.inspect(bytes);
        boolean asItIs = SHOWN_BY_BROWSERS.contains(header.mediaType())
                && header.orientation() <= 1
                && !isPngOf16Bits(header.mediaType(), bytes);
        return asItIs
                ? new Viewable(header.mediaType(), bytes)
                : new Viewable("image/png", ImageEncoder.png(decoder.decode(bytes)));
    }

    private byte[] read(ImageContent image) throws IOException {
        @Nullable ByteBuffer inline = image.getBytes();
        if (inline != null) {
            return TaskFold.bytes(inline);
        }
        @Nullable String reference = image.getReference();
        if (reference == null) {
            throw new IOException("the task carries neither the image's bytes nor a reference to them");
        }
        return content.get(reference, limits.maxBytes());
    }

    private static boolean isPngOf16Bits(String mediaType, byte[] bytes) {
        return mediaType.equals("image/png") && bytes.length > PNG_BIT_DEPTH && bytes[PNG_BIT_DEPTH] == 16;
    }
}
