package io.maskstream.service;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.topic.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Makes the dead letter of a record that a stage could not process.
 *
 * <p>A dead letter holds the record's own bytes, so that it can be sent again once the cause is mended. A stage reads its
 * topic as bytes and deserializes inside, or the bytes of a record that is no event would be lost to the deserializer.
 */
public final class DeadLetters {
    /** The most bytes of a key, value and headers that a dead letter carries; leaves room for cause and stack. */
    static final int MAX_CONTENT_BYTES = Topics.MAX_MESSAGE_BYTES - 256 * 1024;

    private static final int STACK_LINES = 12;
    private static final int MAX_CAUSE_CHARACTERS = 2_000;
    private static final int MAX_STACK_CHARACTERS = 8_000;

    private DeadLetters() {}

    /**
     * Returns the dead letter of one record.
     *
     * @param stage the stage that refuses it, by its app's name
     * @param record the record as it was read
     * @param cause what was wrong; its message should say what to do
     * @param failedAt when
     */
    public static DeadLetter of(
            String stage,
            ConsumerRecord<byte @Nullable [], byte @Nullable []> record,
            Throwable cause,
            Instant failedAt) {
        byte @Nullable [] key = record.key();
        byte @Nullable [] value = record.value();
        Map<String, ByteBuffer> headers = new HashMap<>();
        long size = (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
        for (Header header : record.headers()) {
            byte @Nullable [] content = header.value();
            headers.put(header.key(), ByteBuffer.wrap(content == null ? new byte[0] : content));
            size += content == null ? 0 : content.length;
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        boolean fits = size <= MAX_CONTENT_BYTES;
        if (!fits) {
            message += " (its " + size + " bytes are too many for a dead letter; they stay where they were read)";
            headers = Map.of();
        }
        return DeadLetter.newBuilder()
                .setStage(stage)
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setKey(key == null || !fits ? null : ByteBuffer.wrap(key))
                .setValue(value == null || !fits ? null : ByteBuffer.wrap(value))
                .setHeaders(headers)
                .setCause(atMost(MAX_CAUSE_CHARACTERS, message))
                .setException(cause.getClass().getName())
                .setStack(atMost(MAX_STACK_CHARACTERS, stack(cause)))
                .setFailedAt(failedAt)
                .build();
    }

    /** Returns the key under which a dead letter is sent: topic, partition and offset of the record. */
    public static String keyOf(DeadLetter letter) {
        return letter.getTopic() + "-" + letter.getPartition() + "-" + letter.getOffset();
    }

    private static String stack(Throwable cause) {
        StringWriter text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text, true));
        return text.toString().lines().limit(STACK_LINES).collect(Collectors.joining("\n"));
    }

    private static String atMost(int characters, String text) {
        return text.length() <= characters ? text : text.substring(0, characters);
    }
}
