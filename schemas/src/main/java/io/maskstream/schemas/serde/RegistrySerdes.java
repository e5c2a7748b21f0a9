package io.maskstream.schemas.serde;

import io.apicurio.registry.serde.Default4ByteIdHandler;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import io.apicurio.registry.serde.avro.AvroSerdeConfig;
import io.apicurio.registry.serde.config.IdOption;
import io.apicurio.registry.serde.config.SerdeConfig;
import io.apicurio.registry.serde.strategy.TopicIdStrategy;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The Confluent wire format: a zero byte, the schema's id in four bytes, the value. Schemas are kept by an Apicurio
 * registry, under {@code <topic>-value} as is usual.
 *
 * <p>Records are checked for the zero byte before the registry is asked, so that rubbish costs no request.
 */
final class RegistrySerdes implements EventSerdes {
    static {
        TrustedEvents.install();
    }

    private static final int MAGIC = 0;
    private static final int HEADER_BYTES = 5;

    private final Map<String, Object> settings;

    RegistrySerdes(Map<String, String> configuration) {
        String url = configuration.getOrDefault(REGISTRY_URL, "");
        if (url.isBlank()) {
            throw new IllegalArgumentException(
                    REGISTRY_URL + " is not set: expected the address of an Apicurio registry's API, such as"
                            + " http://registry:8080/apis/registry/v3");
        }
        Map<String, Object> all = new HashMap<>();
        all.put(SerdeConfig.AUTO_REGISTER_ARTIFACT, true);
        all.put(SerdeConfig.ARTIFACT_RESOLVER_STRATEGY, TopicIdStrategy.class.getName());
        configuration.forEach((key, value) -> {
            if (key.startsWith("apicurio.")) {
                all.put(key, value);
            } else if (!key.equals(REGISTRY_URL)) {
                throw new IllegalArgumentException("unknown registry setting " + key + "; expected " + REGISTRY_URL
                        + " or the settings of the Apicurio serdes, which begin with apicurio.");
            }
        });
        all.put(SerdeConfig.REGISTRY_URL, url);
        all.put(SerdeConfig.ID_HANDLER, Default4ByteIdHandler.class.getName());
        all.put(SerdeConfig.DEREFERENCE_SCHEMA, true); // one schema a record, not one for each type it names
        all.put(SerdeConfig.USE_ID, IdOption.contentId.name());
        all.put(AvroSerdeConfig.USE_SPECIFIC_AVRO_READER, true);
        this.settings = Map.copyOf(all);
    }

    @Override
    public <V extends SpecificRecord> Serde<V> of(Class<V> type) {
        AvroKafkaSerializer<V> serializer = new AvroKafkaSerializer<>();
        AvroKafkaDeserializer<V> deserializer = new AvroKafkaDeserializer<>();
        Map<String, Object> own = new HashMap<>(settings);
        own.put(SerdeConfig.DESERIALIZER_SPECIFIC_VALUE_RETURN_CLASS, type.getName());
        serializer.configure(own, false);
        deserializer.configure(own, false);
        return Serdes.serdeFrom(new Writing<>(serializer, type), new Reading<>(deserializer, type));
    }

    private record Writing<V>(AvroKafkaSerializer<V> registry, Class<V> type) implements Serializer<V> {
        @Override
        public byte @Nullable [] serialize(String topic, @Nullable V value) {
            if (value == null) {
                return null;
            }
            try {
                return registry.serialize(topic, value);
            } catch (RuntimeException e) {
                throw new SerializationException(
                        "cannot write a " + type.getSimpleName() + " to " + topic + ": " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            registry.close();
        }
    }

    private record Reading<V>(AvroKafkaDeserializer<V> registry, Class<V> type) implements Deserializer<V> {
        @Override
        public @Nullable V deserialize(String topic, byte @Nullable [] bytes) {
            if (bytes == null) {
                return null;
            }
            if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
                throw new SerializationException("a record of " + bytes.length + " bytes on " + topic + " is not a "
                        + type.getSimpleName() + ": it does not begin with a zero byte and a schema id");
            }
            Object value;
            try {
                value = registry.deserialize(topic, bytes);
            } catch (RuntimeException e) {
                throw new SerializationException(
                        "a record of " + bytes.length + " bytes on " + topic + " is not a " + type.getSimpleName()
                                + ": " + e.getMessage(),
                        e);
            }
            if (!type.isInstance(value)) {
                throw new SerializationException("a record on " + topic + " is a "
                        + (value == null ? "nothing" : value.getClass().getSimpleName()) + ", expected a "
                        + type.getSimpleName());
            }
            return type.cast(value);
        }

        @Override
        public @Nullable V deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
            return deserialize(topic, bytes);
        }

        @Override
        public void close() {
            registry.close();
        }
    }
}
