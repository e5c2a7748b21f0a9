package io.maskstream.inference;

import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One record on its way through the stage: read by the loop, finished by the pipeline, sent by the loop. */
final class Work {
    private final ConsumerRecord<byte @Nullable [], byte @Nullable []> record;
    private volatile @Nullable Outcome outcome;
    private volatile boolean dropped;

    /**
     * What is to be sent for a record.
     *
     * @param topic the predictions or the dead letters
     * @param key as it is sent
     * @param value as it is sent
     * @param arrivedAt when the image was published; null for a dead letter
     */
    @SuppressWarnings("ArrayRecordComponent") // handed from the pipeline to the producer, never compared
    record Outcome(String topic, byte[] key, byte[] value, @Nullable Instant arrivedAt) {
        private static final byte[] NOTHING = new byte[0];

        /** Returns what is needed to count it once it was sent, without its bytes. */
        Outcome counted() {
            return new Outcome(topic, NOTHING, NOTHING, arrivedAt);
        }
    }

    Work(ConsumerRecord<byte @Nullable [], byte @Nullable []> record) {
        this.record = record;
    }

    ConsumerRecord<byte @Nullable [], byte @Nullable []> record() {
        return record;
    }

    TopicPartition partition() {
        return new TopicPartition(record.topic(), record.partition());
    }

    /** Ends the work; the first outcome counts. */
    synchronized void finish(Outcome result) {
        if (outcome == null) {
            outcome = result;
        }
    }

    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** Says that nobody waits for the outcome any more: the partition was revoked or its transaction aborted. */
    void drop() {
        dropped = true;
    }

    boolean isDropped() {
        return dropped;
    }
}
