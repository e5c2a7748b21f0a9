package io.maskstream.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RegistrySerdesTest {
    private final RegistryServer registry = new RegistryServer();
    private final EventSerdes serdes =
            EventSerdes.of(Map.of(EventSerdes.REGISTRY_URL, registry.url(), "apicurio.registry.retry-count", "1"));

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @MethodSource("io.maskstream.schemas.serde.SchemaHistoryTest#events")
    void writesTheConfluentWireFormat_andReadsItBack(Class<? extends SpecificRecord> type) {
        assertRoundTrip(type);
    }

    private <V extends SpecificRecord> void assertRoundTrip(Class<V> type) {
        try (Serde<V> serde = serdes.of(type)) {
            V event = AllEvents.arbitrary(type, 7);
            byte[] bytes = serde.serializer().serialize("events", event);
            assertThat(bytes[0]).isZero();
            assertThat(ByteBuffer.wrap(bytes).getInt(1))
                    .as("content id after %s", registry.requests)
                    .isEqualTo(1);
            assertThat(serde.deserializer().deserialize("events", bytes)).isEqualTo(event);
            assertThat(registry.requests).allMatch(request -> request.contains("/apis/registry/v3/"));
        }
    }

    @Test
    void readsARecordOfAnEarlierSchema_byItsId() throws IOException {
        Schema earlier = SchemaHistory.of("Decision").get(0);
        Schema today = Decision.getClassSchema();
        Decision event = AllEvents.arbitrary(Decision.class, 7);
        byte[] single =
                EventSerdes.singleObject().of(Decision.class).serializer().serialize("t", event);
        Object old = new GenericDatumReader<Object>(today, earlier)
                .read(null, DecoderFactory.get().binaryDecoder(single, 10, single.length - 10, null));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int id = registry.keep(SchemaFormatter.format("json", earlier));
        bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<Object>(earlier).write(old, encoder);
        encoder.flush();
        try (Serde<Decision> serde = serdes.of(Decision.class)) {
            Decision read = serde.deserializer().deserialize("decisions", bytes.toByteArray());
            assertThat(read.getImageId()).isEqualTo(event.getImageId());
            assertThat(read.getSha256()).isEmpty();
            assertThat(read.getModelRound()).isZero();
        }
    }

    @Test
    void refusesARecord_whenItIsNoneOfTheRegistrys() {
        try (Serde<Decision> serde = serdes.of(Decision.class);
                Serde<Prediction> predictions = serdes.of(Prediction.class)) {
            byte[] rubbish = {1, 2, 3, 4, 5, 6, 7};
            assertThatThrownBy(() -> serde.deserializer().deserialize("decisions", rubbish))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("does not begin with a zero byte");
            byte[] unknownId = {0, 0, 0, 0, 99, 1, 2, 3};
            assertThatThrownBy(() -> serde.deserializer().deserialize("decisions", unknownId))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("decisions")
                    .hasMessageContaining("Decision");
            byte[] another = predictions.serializer().serialize("p", AllEvents.arbitrary(Prediction.class, 1));
            assertThatThrownBy(() -> serde.deserializer().deserialize("decisions", another))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("Decision");
        }
    }

    @Test
    void passesWithdrawalsThrough() {
        try (Serde<Decision> serde = serdes.of(Decision.class)) {
            assertThat(serde.serializer().serialize("decisions", null)).isNull();
            assertThat(serde.deserializer().deserialize("decisions", null)).isNull();
        }
        assertThat(registry.requests).isEmpty();
    }

    @Test
    void namesTheSetting_whenItIsMissingOrUnknown() {
        assertThatThrownBy(() -> EventSerdes.registry(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() ->
                        EventSerdes.registry(Map.of("schema.registry.url", "http://r", "schema.registry.usr", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schema.registry.usr");
        assertThat(EventSerdes.of(Map.of())).isInstanceOf(SingleObjectSerdes.class);
    }
}
