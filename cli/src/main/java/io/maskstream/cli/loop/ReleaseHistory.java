package io.maskstream.cli.loop;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.PairedBootstrap;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.evaluation.EvaluationResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of every round, all versions measured on the same images.
 *
 * <p>A release carries the figures that the gate saw, on the evaluation split as it was then. For a comparison over rounds every
 * version is run again here, on the evaluation split as it is at the end.
 */
public final class ReleaseHistory {
    private static final int THREADS = 2;

    private ReleaseHistory() {}

    /**
     * One version.
     *
     * @param release its first record, with the status it was released with
     * @param evaluation its figures on the evaluation split as it is now
     * @param gain over the version that was to serve before it, image by image on the same images; null for the first
     */
    public record Entry(ModelRelease release, EvaluationReport evaluation, @Nullable PairedBootstrap gain) {}

    /** Reads the releases of a line and the evaluation split, and measures every version. */
    public static List<Entry> measure(KafkaConnection connection, Topics topics, ContentStore store, String line)
            throws IOException {
        Examples examples = evaluationSplit(connection, topics, store);
        List<Entry> entries = new ArrayList<>();
        List<ConfusionMatrix> before = List.of(); // of the last version that was to serve
        for (ModelRelease release : releases(connection, topics, line)) {
            try (InferenceModel model =
                    InferenceModel.open(store.localFile(release.getArtefact().getReference()), Device.AUTO, THREADS)) {
                EvaluationResult result = Evaluation.of(model, examples);
                PairedBootstrap gain =
                        before.isEmpty() ? null : PairedBootstrap.of(result.perImage(), before, Evaluation.SEED);
                entries.add(new Entry(release, result.report(), gain));
                if (release.getStatus() != ModelStatus.REJECTED) {
                    before = result.perImage();
                }
            }
        }
        return entries;
    }

    /** Returns each version of a line once, as it was first released, in that order. */
    public static List<ModelRelease> releases(KafkaConnection connection, Topics topics, String line) {
        Map<String, ModelRelease> byVersion = new LinkedHashMap<>();
        for (ModelRelease release : new TopicReader(connection).readAll(topics.models())) {
            if (release.getLine().equals(line) && release.getStatus() != ModelStatus.RETIRED) {
                byVersion.putIfAbsent(release.getVersion(), release);
            }
        }
        return List.copyOf(byVersion.values());
    }

    private static Examples evaluationSplit(KafkaConnection connection, Topics topics, ContentStore store)
            throws IOException {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults());
        Map<String, Example> byImage = new LinkedHashMap<>();
        Topic<String, TrainingSample> topic = topics.trainingSamples();
        for (TrainingSample sample : new TopicReader(connection).readAll(topic)) {
            if (sample.getSplit() == Split.EVALUATION) {
                byImage.put(
                        sample.getImageId(),
                        new Example(
                                sample.getImageId(),
                                decoder.decode(imageBytes(sample, store)),
                                GreyPng.mask(
                                        bytes(sample.getMask()),
                                        ImageLimits.defaults().maxPixels())));
            }
        }
        List<String> ids = byImage.keySet().stream().sorted().toList();
        return Examples.of(ids.stream().map(byImage::get).toList());
    }

    private static byte[] imageBytes(TrainingSample sample, ContentStore store) throws IOException {
        @Nullable ByteBuffer inline = sample.getContent().getBytes();
        @Nullable String reference = sample.getContent().getReference();
        if (inline != null) {
            return bytes(inline);
        }
        if (reference == null) {
            throw new IOException("training sample " + sample.getImageId() + " has neither bytes nor a reference");
        }
        return store.get(reference, ImageLimits.defaults().maxBytes());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
