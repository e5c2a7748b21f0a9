package io.maskstream.trainer.run;

import io.maskstream.segmentation.form.ModelForm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The settings of the train loop.
 *
 * @param line the model line it trains; one line serves one stream
 * @param model name of the starting model, or path of an ONNX file
 * @param classes class names in the order of their ids; empty takes those of the line's release, or of the
 *     model file
 * @param palette colours of the classes as 0xRRGGBB; empty takes the usual palette
 * @param width columns of the model's input, in pixels
 * @param height rows of the model's input, in pixels
 * @param method name of the learning method
 * @param iterationsPerRound optimiser steps of a round
 * @param batch labelled images a step; as many unlabelled ones where the method takes any
 * @param learningRate peak of the schedule in the first round, from the starting model
 * @param warmLearningRate peak of the schedule in rounds that start from a champion
 * @param headLearningRate how many times faster the last layers learn, such as 10 after a classifier was replaced
 * @param gradientClip the largest norm of all gradients together, such as 1; 0 leaves them as they are
 * @param precision {@code float32}, {@code mixed} (16 bits where that is safe), or {@code auto}: mixed on CUDA, and on a CPU
 *     that is measured to be faster with it
 * @param options what the method is set to, by the names of its options; see {@code maskstream methods show NAME}
 * @param reservoir unlabelled images kept for training, balanced by class
 * @param triggerAnnotations new annotations that start a round
 * @param maxInterval a round starts after this time even with fewer, if there is at least one
 * @param debounce a round waits until annotations have been quiet for this long, at most ten times as long
 * @param cooldown least time between the end of a round and the start of the next by itself
 * @param minEvaluation images the evaluation split must hold before a round
 * @param maxFailures how often a failing round is tried before it waits for new samples
 * @param checkpointEvery optimiser steps between checkpoints
 * @param gateGain least rise of mIoU with which a candidate may serve
 * @param gateTolerance how far below zero the 5 % quantile of the rise may lie
 * @param cacheDir where decoded samples and checkpoints are kept; safe to delete while the loop is down
 * @param seed of everything that is drawn
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
 * @param threads of libtorch; 0 leaves its own choice
 * @param forms numeric forms that a champion is released in beside float32: {@code float16}, {@code int8}; usually none
 * @param formTolerance most that the mIoU of a form may lie below that of float32
 * @param formCalibration images of the replay that the ranges of the int8 form are taken from
 */
public record TrainLoopConfig(
        String line,
        String model,
        List<String> classes,
        List<Integer> palette,
        int width,
        int height,
        String method,
        int iterationsPerRound,
        int batch,
        double learningRate,
        double warmLearningRate,
        double headLearningRate,
        double gradientClip,
        String precision,
        Map<String, Double> options,
        int reservoir,
        int triggerAnnotations,
        Duration maxInterval,
        Duration debounce,
        Duration cooldown,
        int minEvaluation,
        int maxFailures,
        int checkpointEvery,
        double gateGain,
        double gateTolerance,
        Path cacheDir,
        long seed,
        String device,
        int threads,
        List<ModelForm> forms,
        double formTolerance,
        int formCalibration) {
    public TrainLoopConfig {
        classes = List.copyOf(classes);
        palette = List.copyOf(palette);
        forms = List.copyOf(forms);
        options = Map.copyOf(options);
        List<String> problems = new ArrayList<>();
        check(
                problems,
                line.matches("[A-Za-z0-9_-]{1,64}"),
                "line must be 1 to 64 letters, digits, - or _, not " + line);
        check(
                problems,
                width >= 16 && height >= 16,
                "width and height must be at least 16, not " + width + "x" + height);
        check(problems, iterationsPerRound >= 1, "iterations-per-round must be at least 1, not " + iterationsPerRound);
        check(problems, batch >= 2, "batch must be at least 2, for batch normalisation, not " + batch);
        check(problems, learningRate > 0 && learningRate < 1, "learning-rate must be in (0, 1), not " + learningRate);
        check(
                problems,
                warmLearningRate > 0 && warmLearningRate < 1,
                "warm-learning-rate must be in (0, 1), not " + warmLearningRate);
        check(problems, reservoir >= 0, "reservoir must be 0 or more, not " + reservoir);
        check(problems, triggerAnnotations >= 1, "trigger-annotations must be at least 1, not " + triggerAnnotations);
        check(problems, !maxInterval.isNegative(), "max-interval must not be negative");
        check(problems, !debounce.isNegative(), "debounce must not be negative");
        check(problems, !cooldown.isNegative(), "cooldown must not be negative");
        check(problems, minEvaluation >= 1, "min-evaluation must be at least 1, not " + minEvaluation);
        check(problems, maxFailures >= 1, "max-failures must be at least 1, not " + maxFailures);
        check(problems, checkpointEvery >= 1, "checkpoint-every must be at least 1, not " + checkpointEvery);
        check(problems, gateTolerance >= 0, "gate-tolerance must be 0 or more, not " + gateTolerance);
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
        check(problems, formTolerance >= 0, "form-tolerance must be 0 or more, not " + formTolerance);
        check(problems, formCalibration >= 1, "form-calibration must be at least 1, not " + formCalibration);
        check(
                problems,
                palette.isEmpty() || palette.size() == classes.size(),
                "palette must be empty or hold a colour for each of the " + classes.size() + " classes");
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Returns settings for a small stream on one machine; the classes are the caller's to name. */
    public static TrainLoopConfig defaults() {
        return new TrainLoopConfig(
                "main",
                "unet",
                List.of(),
                List.of(),
                160,
                120,
                "supervised",
                300,
                8,
                3e-3,
                2e-3,
                1,
                0,
                "float32",
                Map.of(),
                2000,
                20,
                Duration.ofHours(24),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                8,
                3,
                50,
                0.0,
                0.01,
                Path.of("state", "trainer"),
                7,
                "auto",
                0,
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
