package io.maskstream.schemas.serde;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Makes the serde of each event type; the one place that knows the wire form. */
public interface EventSerdes {

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
}
