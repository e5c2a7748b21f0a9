package io.maskstream.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.Decision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds every event's schema against all it was ever written with, and against committed bytes.
 *
 * <p>After a meant change run this test once with {@code -Dmaskstream.schemas.write=true}: it puts the new version into the
 * history. Committed bytes are never written again.
 */
class SchemaHistoryTest {
    private static final Path HISTORY = Path.of("src/main/resources/schemas/history");
    private static final Path BYTES = Path.of("src/test/resources/compat/v1");
    private static final long SEED = 1;

    static Stream<Class<? extends SpecificRecord>> events() {
        return AllEvents.TYPES.stream();
    }

    @BeforeAll
    static void writeWhatIsNew() throws IOException {
        TrustedEvents.install();
        if (Boolean.getBoolean("maskstream.schemas.write")) {
            for (Class<? extends SpecificRecord> type : AllEvents.TYPES) {
                write(type);
            }
        }
    }

    private static <V extends SpecificRecord> void write(Class<V> type) throws IOException {
        Schema today = AllEvents.schema(type);
        Path folder = Files.createDirectories(HISTORY.resolve(type.getSimpleName()));
        int version = 1;
        Schema last = null;
        while (Files.exists(folder.resolve(version + ".avsc"))) {
            last = new Schema.Parser().parse(folder.resolve(version + ".avsc").toFile());
            version++;
        }
        if (last == null || !SchemaHistory.fingerprint(last).equals(SchemaHistory.fingerprint(today))) {
            Files.writeString(folder.resolve(version + ".avsc"), SchemaFormatter.format("json/pretty", today) + "\n");
        }
        Files.createDirectories(BYTES);
        Path bytes = BYTES.resolve(type.getSimpleName() + ".avro");
        if (!Files.exists(bytes)) {
            V event = AllEvents.arbitrary(type, SEED);
            Serde<V> serde = EventSerdes.singleObject().of(type);
            Files.write(bytes, serde.serializer().serialize("topic", event));
            Files.writeString(
                    BYTES.resolve(type.getSimpleName() + ".avsc"), SchemaFormatter.format("json/pretty", today) + "\n");
        }
    }

    @Test
    void coversEveryEvent() {
        assertThat(AllEvents.TYPES.stream().map(Class::getSimpleName).sorted())
                .containsExactlyElementsOf(AllEvents.sourceNames());
    }

    @ParameterizedTest
    @MethodSource("events")
    void endsWithTodaysSchema(Class<? extends SpecificRecord> type) {
        List<Schema> versions = SchemaHistory.of(type.getSimpleName());
        Schema today = AllEvents.schema(type);
        assertThat(versions)
                .as("schemas/history/%s; after a meant change run this test with -Dmaskstream.schemas.write=true", type)
                .isNotEmpty();
        assertThat(SchemaHistory.fingerprint(versions.get(versions.size() - 1)))
                .as(
                        "the schema of %s was changed and its new version is not in the history; run this test with"
                                + " -Dmaskstream.schemas.write=true",
                        type)
                .isEqualTo(SchemaHistory.fingerprint(today));
    }

    @ParameterizedTest
    @MethodSource("events")
    void staysCompatibleBothWays(Class<? extends SpecificRecord> type) {
        Schema today = AllEvents.schema(type);
        for (Schema earlier : SchemaHistory.of(type.getSimpleName())) {
            assertReads(today, earlier);
            assertReads(earlier, today);
        }
    }

    private static void assertReads(Schema reader, Schema writer) {
        SchemaCompatibility.SchemaPairCompatibility pair =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        assertThat(pair.getType()).as(pair.getDescription()).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    /** Committed bytes into today's class, and back into the schema they were written with: nothing may get lost. */
    @ParameterizedTest
    @MethodSource("events")
    void readsCommittedBytes_andWritesWhatTheOldSchemaReads(Class<? extends SpecificRecord> type) throws IOException {
        byte[] bytes = resource("/compat/v1/" + type.getSimpleName() + ".avro");
        Schema writer = new Schema.Parser()
                .parse(new String(resource("/compat/v1/" + type.getSimpleName() + ".avsc"), StandardCharsets.UTF_8));
        SpecificRecord event =
                EventSerdes.singleObject().of(type).deserializer().deserialize("topic", bytes);
        assertThat(event).isNotNull();
        Object before = read(writer, writer, bytes, 10);

        SpecificData model = SpecificData.getForClass(type);
        ByteBuffer again = new BinaryMessageEncoder<SpecificRecord>(model, event.getSchema(), true).encode(event);
        byte[] written = new byte[again.remaining()];
        again.get(written);
        assertThat(read(event.getSchema(), writer, written, 10)).isEqualTo(before);
    }

    private static Object read(Schema writer, Schema reader, byte[] bytes, int from) throws IOException {
        Decoder decoder = DecoderFactory.get().binaryDecoder(bytes, from, bytes.length - from, null);
        return new GenericDatumReader<Object>(writer, reader, new GenericData()).read(null, decoder);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream found = SchemaHistoryTest.class.getResourceAsStream(name)) {
            assertThat(found).as(name).isNotNull();
            return found.readAllBytes();
        }
    }

    @Test
    void refusesARecordOfAnUnknownSchema_andNamesItsFingerprint() throws IOException {
        Schema unknown = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"Decision\",\"namespace\":\"io.maskstream.schemas.event\","
                        + "\"fields\":[{\"name\":\"later\",\"type\":\"string\"}]}");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0xc3);
        bytes.write(0x01);
        long fingerprint = SchemaNormalization.parsingFingerprint64(unknown);
        for (int i = 0; i < 8; i++) {
            bytes.write((int) (fingerprint >>> (8 * i)) & 0xff);
        }
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        GenericData.Record record = new GenericData.Record(unknown);
        record.put("later", "x");
        new GenericDatumWriter<Object>(unknown).write(record, encoder);
        encoder.flush();
        assertThatThrownBy(() -> EventSerdes.singleObject()
                        .of(Decision.class)
                        .deserializer()
                        .deserialize("decisions", bytes.toByteArray()))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("decisions")
                .hasMessageContaining("Decision");
    }

    @ParameterizedTest
    @MethodSource("events")
    void documentsEverything(Class<? extends SpecificRecord> type) {
        assertDocumented(AllEvents.schema(type), new HashSet<>());
    }

    private static void assertDocumented(Schema schema, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
                    for (Schema.Field field : schema.getFields()) {
                        assertThat(field.doc())
                                .as(schema.getName() + "." + field.name())
                                .isNotBlank();
                        assertHasDefault(schema, field);
                        assertDocumented(field.schema(), seen);
                    }
                }
            }
            case ENUM -> {
                assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
                assertThat(schema.getEnumDefault())
                        .as("an enum needs a default, so that a later symbol can be read: %s", schema.getFullName())
                        .isNotNull();
            }
            case UNION -> schema.getTypes().forEach(type -> assertDocumented(type, seen));
            case ARRAY -> assertDocumented(schema.getElementType(), seen);
            case MAP -> assertDocumented(schema.getValueType(), seen);
            case STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL, FIXED -> {
                // a plain value is documented by its field
            }
        }
    }

    private static void assertHasDefault(Schema schema, Schema.Field field) {
        if (field.schema().isUnion() && field.schema().isNullable()) {
            assertThat(field.hasDefaultValue())
                    .as("%s.%s may be null, so null should be its default", schema.getName(), field.name())
                    .isTrue();
        }
    }
}
