package io.maskstream.trainer.bench;

import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.trainer.data.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What all runs of a bench of methods share, so that nothing but the method differs.
 *
 * @param dataset folder of the data set
 * @param labels how many masks the methods may use; see {@link io.maskstream.trainer.data.LabelChoice}
 * @param model name of a starting model, or path of an ONNX file
 * @param width columns of the model's input, in pixels
 * @param height rows of the model's input, in pixels
 * @param iterations optimiser steps of a run
 * @param batch labelled images a step
 * @param learningRate peak of the schedule
 * @param headLearningRate how many times faster the last layers learn
 * @param gradientClip the largest norm of all gradients together; 0 leaves them as they are
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
 * @param threads of libtorch in one run
 * @param options set in every method that has them
 */
public record BenchSetting(
        String dataset,
        String labels,
        String model,
        int width,
        int height,
        int iterations,
        int batch,
        double learningRate,
        double headLearningRate,
        double gradientClip,
        String device,
        int threads,
        Map<String, Double> options) {
    /** All masks, for the ceiling. */
    public static final String ALL = "all";

    public BenchSetting {
        options = Map.copyOf(options);
        if (labels.equals(ALL)) {
            throw new IllegalArgumentException(
                    "labels must be fewer than all, which the ceiling has: a share or a count");
        }
    }

    /**
     * Returns what decides a run, by what it is called: settings in words, and files by their content. The folder's place is left out.
     *
     * @throws IOException if the data set or the model cannot be read
     */
    public Map<String, String> described() throws IOException {
        Map<String, String> all = new TreeMap<>();
        Dataset opened = Datasets.open(Path.of(dataset));
        all.put("dataset", opened.name() + " " + Digests.sha256(ids(opened)));
        Path file = Path.of(model);
        all.put("model", Files.isRegularFile(file) ? Digests.sha256(Files.readAllBytes(file)) : model);
        all.put("labels", labels);
        all.put("size", width + "x" + height);
        all.put("iterations", Integer.toString(iterations));
        all.put("batch", Integer.toString(batch));
        all.put("learning-rate", Double.toString(learningRate));
        all.put("head-learning-rate", Double.toString(headLearningRate));
        all.put("gradient-clip", Double.toString(gradientClip));
        all.put("device", device);
        all.put("threads", Integer.toString(threads));
        all.put("options", new TreeMap<>(options).toString());
        return all;
    }

    private static byte[] ids(Dataset dataset) {
        StringBuilder ids = new StringBuilder(dataset.classes().names().toString());
        for (String split : List.of("train", "val")) {
            dataset.items(split).forEach(item -> ids.append('\n').append(item.id()));
        }
        return ids.toString().getBytes(StandardCharsets.UTF_8);
    }
}
