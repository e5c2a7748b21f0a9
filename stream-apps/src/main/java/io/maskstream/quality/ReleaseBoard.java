package io.maskstream.quality;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.StreamRecords;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The releases of the line, in a store that every partition sees: class names and rounds by version, and which serves.
 *
 * <p>A record that is no release is passed over here; the inference stage reads the same topic and sends it to the dead
 * letters.
 */
final class ReleaseBoard implements Processor<byte @Nullable [], byte @Nullable [], Void, Void> {
    /** Name of the global store: {@code version/…} and {@code served} to the bytes of a release. */
    static final String STORE = "releases";

    private static final String VERSION = "version/";
    private static final String SERVED = "served";
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseBoard.class);

    private final Topics topics;
    private final String line;
    private @Nullable KeyValueStore<String, byte[]> store;

    ReleaseBoard(Topics topics, String line) {
        this.topics = topics;
        this.line = line;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        byte @Nullable [] bytes = record.value();
        if (bytes == null) {
            return;
        }
        try {
            ModelRelease release = StreamRecords.event(topics.models(), record);
            if (release.getLine().equals(line)) {
                KeyValueStore<String, byte[]> releases = Objects.requireNonNull(store, "init comes first");
                releases.put(VERSION + release.getVersion(), bytes);
                if (release.getStatus() == ModelStatus.STARTING || release.getStatus() == ModelStatus.CHAMPION) {
                    releases.put(SERVED, bytes);
                }
            }
        } catch (SerializationException e) {
            LOG.warn("quality passes over a record of {}: {}", topics.models().name(), e.getMessage());
        }
    }

    /** Reads the board. */
    record Reader(ReadOnlyKeyValueStore<String, byte[]> store, Topics topics) {

        /** Returns the release of a version, if it is known. */
        Optional<ModelRelease> release(String version) {
            return decode(store.get(VERSION + version));
        }

        /** Returns the release that serves, if there is one. */
        Optional<ModelRelease> served() {
            return decode(store.get(SERVED));
        }

        private Optional<ModelRelease> decode(byte @Nullable [] bytes) {
            return bytes == null
                    ? Optional.empty()
                    : Optional.of(topics.models()
                            .value()
                            .deserializer()
                            .deserialize(topics.models().name(), bytes));
        }
    }
}
