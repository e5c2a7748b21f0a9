package io.maskstream.labeling;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.topic.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns the class names from the releases, those that were there before the start included. */
final class ClassesProcessor implements Processor<String, byte[], Void, Void> {
    private static final Logger LOG = LoggerFactory.getLogger(ClassesProcessor.class);

    private final LabelClasses classes;
    private final Topic<String, ModelRelease> models;
    private @Nullable KeyValueStore<String, byte[]> store;

    ClassesProcessor(LabelClasses classes, Topic<String, ModelRelease> models) {
        this.classes = classes;
        this.models = models;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        KeyValueStore<String, byte[]> opened = context.getStateStore(LabelingTopology.MODELS);
        store = opened;
        // Where the store was restored as bytes, past this processor, its order is lost; the times of release stand in
        // for it.
        List<ModelRelease> restored = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> all = opened.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                @Nullable ModelRelease release = read(entry.key, entry.value);
                if (release != null) {
                    restored.add(release);
                }
            }
        }
        restored.sort(Comparator.comparing(ModelRelease::getReleasedAt));
        restored.forEach(classes::released);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        if (store != null) {
            store.put(record.key(), record.value());
        }
        @Nullable ModelRelease release = read(record.key(), record.value());
        if (release != null) {
            classes.released(release);
        }
    }

    private @Nullable ModelRelease read(String key, byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        try {
            return models.value().deserializer().deserialize(models.name(), value);
        } catch (SerializationException e) {
            // The stages that serve models send this record to the dead letters; here only its class names are missed.
            LOG.warn("release {} cannot be read, its class names are not taken over: {}", key, e.getMessage());
            return null;
        }
    }
}
