package io.maskstream.routing;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.DeadLetters;
import io.maskstream.service.StreamRecords;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The policies in force, in a store that every partition sees.
 *
 * <p>A policy that is unsound or unreadable never rules: the one before stays, and the refusal is put beside it for
 * {@link DecisionStage} to send to the dead letters, since a global processor can send nothing itself. Withdrawn by a
 * record without a value, the policy of the configuration rules again.
 */
final class PolicyBoard implements Processor<byte @Nullable [], byte @Nullable [], Void, Void> {
    /** Name of the global store: model line to the bytes of its policy, and refusals. */
    static final String STORE = "policies";

    private static final String REFUSED = "refused/";
    private static final String RULES = "rules/";

    private final Topics topics;
    private final RoutingMetrics metrics;
    private final Clock clock;
    private @Nullable ProcessorContext<Void, Void> context;
    private @Nullable KeyValueStore<String, byte[]> store;

    PolicyBoard(Topics topics, RoutingMetrics metrics, Clock clock) {
        this.topics = topics;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        this.store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        ProcessorContext<Void, Void> here = context;
        KeyValueStore<String, byte[]> policies = store;
        if (here == null || policies == null) {
            throw new IllegalStateException("a policy arrived before the store was there");
        }
        byte @Nullable [] key = record.key();
        String line = key == null ? "" : new String(key, StandardCharsets.UTF_8);
        byte @Nullable [] value = record.value();
        if (value == null) {
            policies.delete(RULES + line);
            return;
        }
        try {
            Policies.check(StreamRecords.event(topics.policies(), record));
            policies.put(RULES + line, value);
            metrics.policy(true);
        } catch (SerializationException | IllegalArgumentException e) {
            DeadLetter letter = DeadLetters.of(RoutingApp.NAME, StreamRecords.asRead(here, record), e, clock.instant());
            policies.put(REFUSED + line, letterBytes(letter));
            metrics.policy(false);
        }
    }

    private byte[] letterBytes(DeadLetter letter) {
        return topics.deadLetters()
                .value()
                .serializer()
                .serialize(topics.deadLetters().name(), letter);
    }

    /** Reads the board for one partition, and decodes a policy only when it changed. */
    static final class Reader {
        private final ReadOnlyKeyValueStore<String, byte[]> store;
        private final Topics topics;
        private final String line;
        private final RoutingPolicy initial;
        private byte @Nullable [] lastBytes;
        private RoutingPolicy last;

        Reader(ReadOnlyKeyValueStore<String, byte[]> store, Topics topics, String line, RoutingPolicy initial) {
            this.store = store;
            this.topics = topics;
            this.line = line;
            this.initial = initial;
            this.last = initial;
        }

        /** Returns the policy in force. */
        RoutingPolicy inForce() {
            byte @Nullable [] bytes = get(RULES + line);
            if (bytes == null) {
                lastBytes = null;
                last = initial;
            } else if (!Arrays.equals(bytes, lastBytes)) {
                Topic<String, RoutingPolicy> topic = topics.policies();
                last = topic.value().deserializer().deserialize(topic.name(), bytes);
                lastBytes = bytes;
            }
            return last;
        }

        /** Returns the last refusal; null if there was none. */
        @Nullable
        DeadLetter refusal() {
            byte @Nullable [] bytes = get(REFUSED + line);
            Topic<String, DeadLetter> topic = topics.deadLetters();
            return bytes == null ? null : topic.value().deserializer().deserialize(topic.name(), bytes);
        }

        private byte @Nullable [] get(String key) {
            return store.get(key);
        }
    }
}
