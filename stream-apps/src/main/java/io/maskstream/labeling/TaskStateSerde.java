package io.maskstream.labeling;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.maskstream.labeling.task.TaskState;
import java.io.IOException;
import java.time.Instant;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** The stored form of a {@link TaskState}: JSON with the name of the state; times as milliseconds. */
final class TaskStateSerde {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().addMixIn(TaskState.class, NamedState.class).registerModule(times());

    private TaskStateSerde() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = TaskState.Open.class, name = "open"),
        @JsonSubTypes.Type(value = TaskState.Claimed.class, name = "claimed"),
        @JsonSubTypes.Type(value = TaskState.Submitted.class, name = "submitted"),
        @JsonSubTypes.Type(value = TaskState.Ended.class, name = "ended")
    })
    private interface NamedState {}

    static Serde<TaskState> serde() {
        return Serdes.serdeFrom((topic, state) -> write(state), (topic, bytes) -> read(bytes));
    }

    private static byte @Nullable [] write(@Nullable TaskState state) {
        if (state == null) {
            return null;
        }
        try {
            return MAPPER.writerFor(TaskState.class).writeValueAsBytes(state);
        } catch (IOException e) {
            throw new SerializationException("cannot write the state of a label task: " + e.getMessage(), e);
        }
    }

    private static @Nullable TaskState read(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return MAPPER.readValue(bytes, TaskState.class);
        } catch (IOException e) {
            throw new SerializationException("cannot read the state of a label task: " + e.getMessage(), e);
        }
    }

    private static SimpleModule times() {
        SimpleModule module = new SimpleModule("times");
        module.addSerializer(Instant.class, new InstantWriter());
        module.addDeserializer(Instant.class, new InstantReader());
        return module;
    }

    private static final class InstantWriter extends StdSerializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantWriter() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeNumber(value.toEpochMilli());
        }
    }

    private static final class InstantReader extends StdDeserializer<Instant> {
        private static final long serialVersionUID = 1L;

        InstantReader() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return Instant.ofEpochMilli(in.getLongValue());
        }
    }
}
