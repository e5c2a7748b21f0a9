package io.maskstream.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Avro single-object encoding: two marker bytes, the schema's CRC-64 fingerprint, the value.
 *
 * <p>A record written with an earlier schema is read by the {@link SchemaHistory}; one of a schema that is not in it is
 * refused with its fingerprint, since without a registry nothing tells how to read it.
 */
final class SingleObjectSerdes implements EventSerdes {
    static {
        TrustedEvents.install();
    }

    @Override
    public <V extends SpecificRecord> Serde<V> of(Class<V> type) {
        SpecificData model = SpecificData.getForClass(type);
        Schema schema = model.getSchema(type);
        return Serdes.serdeFrom(
                new SingleObjectSerializer<V>(model, schema), new SingleObjectDeserializer<V>(model, schema));
    }

    private static final class SingleObjectSerializer<V> implements Serializer<V> {
        private final String name;
        private final ThreadLocal<BinaryMessageEncoder<V>> encoder;

        SingleObjectSerializer(SpecificData model, Schema schema) {
            this.name = schema.getName();
            this.encoder = ThreadLocal.withInitial(() -> new BinaryMessageEncoder<>(model, schema, true));
        }

        @Override
        public byte @Nullable [] serialize(String topic, @Nullable V value) {
            if (value == null) {
                return null;
            }
            try {
                ByteBuffer encoded = encoder.get().encode(value);
                byte[] bytes = new byte[encoded.remaining()];
                encoded.get(bytes);
                return bytes;
            } catch (IOException | AvroRuntimeException e) {
                throw new SerializationException("cannot write a " + name + " to " + topic + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class SingleObjectDeserializer<V> implements Deserializer<V> {
        private final String name;
        private final ThreadLocal<BinaryMessageDecoder<V>> decoder;

        SingleObjectDeserializer(SpecificData model, Schema schema) {
            this.name = schema.getName();
            List<Schema> earlier = SchemaHistory.of(name);
            this.decoder = ThreadLocal.withInitial(() -> {
                BinaryMessageDecoder<V> known = new BinaryMessageDecoder<>(model, schema);
                earlier.forEach(known::addSchema);
                return known;
            });
        }

        @Override
        public @Nullable V deserialize(String topic, byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            try {
                return decoder.get().decode(bytes);
            } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException e) {
                throw new SerializationException(
                        "a record of " + bytes.length + " bytes on " + topic + " is not a " + name + ": "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
