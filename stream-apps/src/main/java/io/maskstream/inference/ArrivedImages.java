package io.maskstream.inference;

import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageFormatException;
import io.maskstream.segmentation.image.ImageHeader;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of the images topic, and believes none of what they say: sizes, digest, media type and the key into
 * the content store are checked against the bytes before a pixel is decoded.
 */
final class ArrivedImages {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int MOST_ID_CHARACTERS = 256;
    private static final long BYTES_A_PIXEL = 3 + 1 + 1 + 3;
    private static final int STORE_TRIES = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final Topic<String, ImageArrived> topic;
    private final ContentStore store;
    private final ImageDecoder decoder;
    private final ImageLimits limits;

    /**
     * A record whose image can be decoded.
     *
     * @param event what the record says, checked
     * @param bytes the encoded image
     * @param header what the bytes say
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Encoded(ImageArrived event, byte[] bytes, ImageHeader header) {
        /** Returns the bytes that the pixels, the mask and the confidence map will take, and some more for the work on them. */
        long decodedBytes() {
            return BYTES_A_PIXEL * header.width() * header.height();
        }
    }

    ArrivedImages(Topic<String, ImageArrived> topic, ContentStore store, ImageLimits limits) {
        this.topic = topic;
        this.store = store;
        this.limits = limits;
        this.decoder = new ImageDecoder(limits);
    }

    /**
     * Returns the image of a record, not yet decoded.
     *
     * @throws MalformedImageException if the record is no event, or says of the bytes what they are not
     */
    Encoded read(ConsumerRecord<byte @Nullable [], byte @Nullable []> record)
            throws MalformedImageException, InterruptedException {
        ImageArrived event = event(record);
        byte[] bytes = bytes(event.getContent());
        try {
            ImageHeader header = decoder.inspect(bytes);
            expect("media type", event.getContent().getMediaType(), header.mediaType());
            expect("width", event.getContent().getWidth(), header.width());
            expect("height", event.getContent().getHeight(), header.height());
            return new Encoded(event, bytes, header);
        } catch (ImageFormatException e) {
            throw new MalformedImageException("the bytes are no image that can be read: " + e.getMessage(), e);
        }
    }

    /** Decodes the pixels. */
    RgbImage decode(Encoded image) throws MalformedImageException {
        try {
            return decoder.decode(image.bytes());
        } catch (ImageFormatException e) {
            throw new MalformedImageException("the image cannot be decoded: " + e.getMessage(), e);
        }
    }

    private ImageArrived event(ConsumerRecord<byte @Nullable [], byte @Nullable []> record)
            throws MalformedImageException {
        ImageArrived event;
        try {
            event = topic.value().deserializer().deserialize(record.topic(), record.headers(), record.value());
        } catch (SerializationException e) {
            throw new MalformedImageException(
                    e.getMessage() + "; publish with the schemas of this version, or through the registry", e);
        }
        if (event == null) {
            throw new MalformedImageException("the record has no value; expected an ImageArrived");
        }
        String id = event.getId();
        if (id.isBlank() || id.length() > MOST_ID_CHARACTERS) {
            throw new MalformedImageException("an image id has 1 to " + MOST_ID_CHARACTERS
                    + " characters and is not blank, found " + id.length());
        }
        byte @Nullable [] key = record.key();
        if (key == null || !id.equals(new String(key, StandardCharsets.UTF_8))) {
            throw new MalformedImageException(
                    "the record's key is not the image's id " + id + ", so it is in no sure partition");
        }
        return event;
    }

    private byte[] bytes(ImageContent content) throws MalformedImageException, InterruptedException {
        ByteBuffer inline = content.getBytes();
        String reference = content.getReference();
        if ((inline == null) == (reference == null)) {
            throw new MalformedImageException(
                    "exactly one of bytes and reference must be set, found " + (inline == null ? "neither" : "both"));
        }
        if (!DIGEST.matcher(content.getSha256()).matches()) {
            throw new MalformedImageException("sha256 must be 64 lower-case hex digits");
        }
        if (content.getSizeBytes() < 1 || content.getSizeBytes() > limits.maxBytes()) {
            throw new MalformedImageException("the event says " + content.getSizeBytes() + " bytes; taken are 1 to "
                    + limits.maxBytes() + " (inference.max-image-bytes)");
        }
        byte[] bytes;
        if (inline != null) {
            ByteBuffer copy = inline.duplicate();
            bytes = new byte[copy.remaining()];
            copy.get(bytes);
        } else {
            String key = Objects.requireNonNull(reference);
            expect("reference", key, "sha256/" + content.getSha256());
            bytes = fetch(key, content.getSizeBytes());
        }
        expect("size", content.getSizeBytes(), (long) bytes.length);
        expect("sha256", content.getSha256(), sha256(bytes));
        return bytes;
    }

    /** Fetches from the store, which may be out of reach for a moment: tries a few times before it gives up. */
    private byte[] fetch(String key, long size) throws MalformedImageException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                return store.get(key, size);
            } catch (NoSuchFileException e) {
                throw new MalformedImageException("the content store has no " + key + "; publish the image again", e);
            } catch (IOException e) {
                if (attempt == STORE_TRIES) {
                    throw new MalformedImageException(
                            "the content store did not give " + key + " in " + attempt + " tries: " + e.getMessage(),
                            e);
                }
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2);
            }
        }
    }

    private static void expect(String what, Object said, Object found) throws MalformedImageException {
        if (!said.equals(found)) {
            throw new MalformedImageException("the event says " + what + " " + said + ", its image has " + found);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
