package io.maskstream.schemas.serde;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Makes the serde of each event type; the one place that knows the wire form. */
public interface EventSerdes {
    /** The setting that turns the registry on: the address of its API. */
    String REGISTRY_URL = "schema.registry.url";

    /**
     * Returns a serde for the events of one generated class.
     *
     * @param type a class generated from a schema of this module
     */
    <V extends SpecificRecord> Serde<V> of(Class<V> type);

    /** Returns serdes in Avro's single-object encoding, which needs no registry. */
    static EventSerdes singleObject() {
        return new SingleObjectSerdes();
    }

    /**
     * Returns serdes in the Confluent wire format, their schemas kept by an Apicurio registry.
     *
     * @param configuration {@link #REGISTRY_URL} and, where needed, settings of the Apicurio serdes by their own names
     * @throws IllegalArgumentException if the address is missing or a setting is neither
     */
    static EventSerdes registry(Map<String, String> configuration) {
        return new RegistrySerdes(configuration);
    }

    /** Returns serdes with a registry if its address is set, else without. */
    static EventSerdes of(Map<String, String> configuration) {
        return configuration.getOrDefault(REGISTRY_URL, "").isBlank() ? singleObject() : registry(configuration);
    }
}
