package io.maskstream.trainer.run;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * The continual trainer: reads training samples, wakes for rounds, and releases what passes the gate.
 *
 * <p>One loop a model line; a second one with the same line fences the first.
 */
public final class TrainLoop implements AutoCloseable {

    public TrainLoop(
            TrainLoopConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry metrics) {
        throw new UnsupportedOperationException("the train loop is built next");
    }

    /** Starts reading; releases the starting model if the line has no release. Returns when that is done. */
    public void start() {}

    /** Says whether its threads live; a failed round is no reason for false. */
    public boolean isHealthy() {
        return true;
    }

    /** Asks for a round as soon as there is anything to learn from, whatever the triggers say. */
    public void requestRound() {}

    /** Stops after the step under way; a round under way continues from its last checkpoint at the next start. */
    @Override
    public void close() {}
}
