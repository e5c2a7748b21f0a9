package io.maskstream.trainer.run;

import io.maskstream.segmentation.form.ModelForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The settings of one offline training.
 *
 * @param dataset folder of the data set, PASCAL VOC layout
 * @param labels how many masks of the train split may be used: {@code all}, a share such as {@code 1/8}, or a count; the
 *     choice is made by {@code seed} and a smaller one is part of a larger one
 * @param method name of a learning method, see {@link io.maskstream.trainer.method.Methods}
 * @param model name of a starting model, or path of an ONNX file
 * @param iterations optimiser steps, at least 1
 * @param batch labelled images a step; as many unlabelled ones where the method takes any
 * @param width columns of the model's input, in pixels
 * @param height rows of the model's input, in pixels
 * @param seed of weights, order, augmentation and label choice
 * @param learningRate peak of the schedule
 * @param headLearningRate how many times faster the last layers learn, such as 10 after a classifier was replaced
 * @param gradientClip the largest norm of all gradients together, such as 1; 0 leaves them as they are
 * @param precision {@code float32}, {@code mixed} (16 bits where that is safe), or {@code auto}: mixed on CUDA, and on a CPU
 *     that is measured to be faster with it
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
 * @param threads of libtorch; 0 leaves its own choice
 * @param options what the method is set to, by the names of its options; see {@code maskstream methods show NAME}
 * @param out where the model is written
 * @param forms numeric forms that are written beside it: {@code float16}, {@code int8}; usually none
 * @param formTolerance most that the mIoU of a form may lie below that of float32
 * @param formCalibration images of the train split that the ranges of the int8 form are taken from
 */
public record TrainConfig(
        Path dataset,
        String labels,
        String method,
        String model,
        int iterations,
        int batch,
        int width,
        int height,
        long seed,
        double learningRate,
        double headLearningRate,
        double gradientClip,
        String precision,
        String device,
        int threads,
        Map<String, Double> options,
        Path out,
        List<ModelForm> forms,
        double formTolerance,
        int formCalibration) {
    public TrainConfig {
        forms = List.copyOf(forms);
        options = Map.copyOf(options);
        List<String> problems = new ArrayList<>();
        check(problems, formTolerance >= 0, "form-tolerance must be 0 or more, not " + formTolerance);
        check(problems, formCalibration >= 1, "form-calibration must be at least 1, not " + formCalibration);
        check(problems, iterations >= 1, "iterations must be at least 1, not " + iterations);
        check(problems, batch >= 2, "batch must be at least 2, for batch normalisation, not " + batch);
        check(problems, width >= 16 && height >= 16, "size must be at least 16x16 pixels, not " + width + "x" + height);
        check(problems, learningRate > 0 && learningRate < 1, "learning-rate must be in (0, 1), not " + learningRate);
        check(
                problems,
                headLearningRate > 0 && headLearningRate <= 1000,
                "head-learning-rate must be in (0, 1000], not " + headLearningRate);
        check(problems, gradientClip >= 0, "gradient-clip must be 0 or more, not " + gradientClip);
        check(
                problems,
                PrecisionChoice.NAMES.contains(precision),
                "precision must be one of " + PrecisionChoice.NAMES + ", not " + precision);
        check(problems, threads >= 0, "threads must be 0 or more, not " + threads);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Returns settings that suit a small network and a quick look; the data set is the caller's to name. */
    public static TrainConfig defaults() {
        return new TrainConfig(
                Path.of("."),
                "all",
                "supervised",
                "unet",
                800,
                8,
                160,
                120,
                7,
                3e-3,
                1,
                0,
                "float32",
                "auto",
                0,
                Map.of(),
                Path.of("model.onnx"),
                List.of(),
                0.01,
                64);
    }

    private static void check(List<String> problems, boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
