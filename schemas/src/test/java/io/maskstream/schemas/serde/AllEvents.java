package io.maskstream.schemas.serde;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.Prefill;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.RoutingMemory;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.TrainingSample;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;

/** Every event that is written to a topic or a store, and arbitrary values of each. */
final class AllEvents {
    static final List<Class<? extends SpecificRecord>> TYPES = List.of(
            Annotation.class,
            DeadLetter.class,
            Decision.class,
            ImageArrived.class,
            LabelEvent.class,
            LabelTask.class,
            MeasuredImage.class,
            ModelRelease.class,
            Prediction.class,
            Prefill.class,
            QualityEvent.class,
            RoutingMemory.class,
            RoutingPolicy.class,
            TrainingSample.class);

    private AllEvents() {}

    static Schema schema(Class<? extends SpecificRecord> type) {
        return SpecificData.getForClass(type).getSchema(type);
    }

    /** Returns an arbitrary event; equal seeds give equal events. */
    static <V extends SpecificRecord> V arbitrary(Class<V> type, long seed) {
        Schema schema = schema(type);
        Object generic = new RandomData(schema, 1, seed, true).iterator().next();
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
            new GenericDatumWriter<Object>(schema).write(generic, encoder);
            encoder.flush();
            SpecificDatumReader<V> reader = new SpecificDatumReader<>(schema, schema, SpecificData.getForClass(type));
            return reader.read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the event schemas' source files, one a topic or store, without the values they share. */
    static List<String> sourceNames() {
        try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".avsc"))
                    .map(name -> name.substring(0, name.length() - ".avsc".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
