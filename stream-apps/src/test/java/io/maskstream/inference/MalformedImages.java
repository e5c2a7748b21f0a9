package io.maskstream.inference;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.topic.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Records of the images topic that are no usable images, each with words that its dead letter must hold. */
final class MalformedImages {
    private static final Instant NOW = Instant.parse("2024-02-29T12:00:00Z");

    /**
     * One bad record.
     *
     * @param name what is bad about it
     * @param cause words of the stated cause
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by the tests through its bytes
    record Case(String name, byte @Nullable [] key, byte @Nullable [] value, String cause) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final Topics topics;
    private final byte[] png = InferenceStage.picture(new Random(99));
    private final List<Case> cases = new ArrayList<>();

    private MalformedImages(Topics topics) {
        this.topics = topics;
    }

    static List<Case> all(Topics topics) {
        MalformedImages all = new MalformedImages(topics);
        all.records();
        all.contents();
        all.pictures();
        return List.copyOf(all.cases);
    }

    private void records() {
        byte[] key = key("bad");
        byte[] noise = new byte[200];
        new Random(7).nextBytes(noise);
        byte[] good = write(event("bad", content().build()));
        byte[] otherSchema = topics.deadLetters()
                .value()
                .serializer()
                .serialize(
                        "x",
                        DeadLetter.newBuilder()
                                .setStage("a")
                                .setTopic("b")
                                .setPartition(0)
                                .setOffset(0)
                                .setHeaders(Map.of())
                                .setCause("")
                                .setException("")
                                .setStack("")
                                .setFailedAt(NOW)
                                .build());
        byte[] wrongFingerprint = good.clone();
        wrongFingerprint[5] ^= 1;
        byte[] wrongLength = good.clone();
        wrongLength[10] = (byte) 0xff; // the length of the id becomes negative or far too long
        cases.add(new Case("no value", key, null, "no value"));
        cases.add(new Case("no bytes", key, new byte[0], "is not a ImageArrived"));
        cases.add(new Case("random bytes", key, noise, "is not a ImageArrived"));
        cases.add(new Case("an event of another type", key, otherSchema, "is not a ImageArrived"));
        cases.add(new Case("unknown schema fingerprint", key, wrongFingerprint, "is not a ImageArrived"));
        cases.add(new Case("cut off", key, Arrays.copyOf(good, good.length / 2), "is not a ImageArrived"));
        cases.add(new Case("impossible length inside", key, wrongLength, "is not a ImageArrived"));
        cases.add(new Case("no key", null, good, "key is not the image's id"));
        cases.add(new Case("another image's key", key("other"), good, "key is not the image's id"));
        cases.add(new Case("blank id", key(" "), write(event(" ", content().build())), "image id has 1 to"));
    }

    private void contents() {
        add("neither bytes nor reference", content().setBytes(null), "found neither");
        add("bytes and reference", content().setReference("sha256/" + sha256(png)), "found both");
        add("wrong digest", content().setSha256("0".repeat(64)), "says sha256 000");
        add("digest that is none", content().setSha256("xyz"), "64 lower-case hex digits");
        add("wrong size", content().setSizeBytes(png.length + 1), "says size");
        add("size 0", content().setSizeBytes(0), "says 0 bytes");
        add("huge size", content().setSizeBytes(Long.MAX_VALUE), "max-image-bytes");
        add("wrong media type", content().setMediaType("image/jpeg"), "says media type image/jpeg");
        add("wrong width", content().setWidth(1_000_000), "says width 1000000");
        add("wrong height", content().setHeight(-1), "says height -1");
        add(
                "reference out of the store",
                content().setBytes(null).setReference("../../etc/passwd"),
                "says reference ../../etc/passwd");
        add("absolute reference", content().setBytes(null).setReference("/etc/passwd"), "says reference /etc/passwd");
        add(
                "reference to nothing",
                content().setBytes(null).setReference("sha256/" + sha256(png)),
                "the content store has no sha256/");
    }

    private void pictures() {
        addPicture("text for a picture", "this is no picture".getBytes(StandardCharsets.UTF_8));
        addPicture("picture cut off in its header", Arrays.copyOf(png, 20));
        addPicture("picture cut off in its pixels", Arrays.copyOf(png, png.length / 2));
        byte[] bomb = png.clone();
        ByteBuffer.wrap(bomb).putInt(16, 2_000_000_000).putInt(20, 2_000_000_000); // width and height of the header
        addPicture("picture that claims to be huge", bomb);
        byte[] broken = png.clone();
        broken[broken.length / 2] ^= 0x55;
        addPicture("picture with a broken checksum", broken);
    }

    private void addPicture(String name, byte[] bytes) {
        add(
                name,
                content()
                        .setBytes(ByteBuffer.wrap(bytes))
                        .setSha256(sha256(bytes))
                        .setSizeBytes(bytes.length),
                "");
    }

    private void add(String name, ImageContent.Builder content, String cause) {
        String id = name.replace(' ', '-');
        cases.add(new Case(name, key(id), write(event(id, content.build())), cause));
    }

    private ImageContent.Builder content() {
        return ImageContent.newBuilder()
                .setSha256(sha256(png))
                .setMediaType("image/png")
                .setWidth(ByteBuffer.wrap(png).getInt(16))
                .setHeight(ByteBuffer.wrap(png).getInt(20))
                .setSizeBytes(png.length)
                .setBytes(ByteBuffer.wrap(png));
    }

    /** Returns an event of the picture that is good in every way. */
    static byte[] goodEvent(Topics topics, String id) {
        MalformedImages images = new MalformedImages(topics);
        return images.write(event(id, images.content().build()));
    }

    private static ImageArrived event(String id, ImageContent content) {
        return ImageArrived.newBuilder()
                .setId(id)
                .setSource("test")
                .setCapturedAt(NOW)
                .setPublishedAt(NOW)
                .setContent(content)
                .setAttributes(Map.of())
                .build();
    }

    private byte[] write(ImageArrived event) {
        return topics.images().value().serializer().serialize("x", event);
    }

    private static byte[] key(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
