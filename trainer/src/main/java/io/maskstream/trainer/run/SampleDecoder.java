package io.maskstream.trainer.run;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.data.Example;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Turns a training sample into an example at the training size, and says what is wrong with one that cannot be used. */
final class SampleDecoder {
    private final ContentStore store;
    private final ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults());
    private final int classes;
    private final int height;
    private final int width;

    SampleDecoder(ContentStore store, int classes, int height, int width) {
        this.store = store;
        this.classes = classes;
        this.height = height;
        this.width = width;
    }

    /** Returns the key under which the sample's example is cached: a digest of the image, the mask and the size. */
    String key(TrainingSample sample) {
        MessageDigest digest = sha256();
        digest.update(sample.getContent().getSha256().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(bytes(sample.getMask()));
        digest.update(("/" + height + "x" + width + "/" + classes).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return hex(digest);
    }

    /** Returns the digest of the mask. */
    String maskDigest(TrainingSample sample) {
        MessageDigest digest = sha256();
        digest.update(bytes(sample.getMask()));
        return hex(digest);
    }

    /**
     * Decodes image and mask and resizes both.
     *
     * @throws IOException if the image or the mask cannot be used, with what is wrong and what to do
     */
    Example decode(TrainingSample sample) throws IOException {
        byte[] encoded = encoded(sample.getContent());
        RgbImage image = decoder.decode(encoded);
        Mask mask = GreyPng.mask(bytes(sample.getMask()), ImageLimits.defaults().maxPixels());
        if (mask.height() != image.height() || mask.width() != image.width()) {
            throw new MaskFormatException("the mask of image " + sample.getImageId() + " is " + mask.width() + "x"
                    + mask.height() + " pixels, the image " + image.width() + "x" + image.height()
                    + "; send a mask in the image's own size");
        }
        int area = mask.classes().length();
        for (int i = 0; i < area; i++) {
            int index = mask.classes().at(i);
            if (index >= classes && index != Mask.IGNORE) {
                throw new MaskFormatException("the mask of image " + sample.getImageId() + " has class " + index
                        + ", but the model line has " + classes + " classes, 0 to " + (classes - 1)
                        + "; 255 is for pixels without a class");
            }
        }
        return new Example(
                sample.getImageId(),
                Resampling.bilinear(image, height, width),
                Resampling.nearest(mask, height, width));
    }

    private byte[] encoded(ImageContent content) throws IOException {
        ByteBuffer inline = content.getBytes();
        String reference = content.getReference();
        byte[] encoded;
        if (inline != null) {
            encoded = bytes(inline);
        } else if (reference != null) {
            encoded = store.get(reference, ImageLimits.defaults().maxBytes());
        } else {
            throw new IOException("the sample names neither bytes nor a reference; one of them is needed");
        }
        MessageDigest digest = sha256();
        digest.update(encoded);
        if (!hex(digest).equals(content.getSha256())) {
            throw new IOException("the image's bytes do not have the digest " + content.getSha256()
                    + " that the sample names; publish the image again");
        }
        return encoded;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        ByteBuffer view = buffer.duplicate();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
