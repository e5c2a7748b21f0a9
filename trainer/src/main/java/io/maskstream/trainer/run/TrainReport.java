package io.maskstream.trainer.run;

import io.maskstream.segmentation.form.Parity;
import io.maskstream.trainer.evaluation.EvaluationReport;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one offline training did; its components are the keys of the JSON report.
 *
 * @param method name of the learning method
 * @param labels masks learned from
 * @param unlabelled images learned from without their mask
 * @param iterations optimiser steps
 * @param stepMillis time of a step
 * @param loss whether it fell
 * @param peakRssMiB most memory the process held while it trained, in MiB; 0 where the system does not say
 * @param seed of everything that is drawn
 * @param parameters trained numbers of the network
 * @param trainSeconds wall time of the steps
 * @param validation the exported model on the {@code val} split, run by ONNX Runtime
 * @param out the model
 * @param forms other numeric forms of the model, those that were asked for
 */
public record TrainReport(
        String method,
        int labels,
        int unlabelled,
        int iterations,
        StepMillis stepMillis,
        Loss loss,
        double peakRssMiB,
        long seed,
        long parameters,
        double trainSeconds,
        EvaluationReport validation,
        Out out,
        List<Form> forms) {
    public TrainReport {
        forms = List.copyOf(forms);
    }

    /**
     * Time of a step, batch assembly included, in milliseconds.
     *
     * @param median half of the steps took no longer
     * @param p90 nine in ten took no longer
     */
    public record StepMillis(double median, double p90) {}

    /**
     * The loss, all terms with their weights, as a mean over a tenth of the steps.
     *
     * @param first over the first tenth
     * @param last over the last tenth
     */
    public record Loss(double first, double last) {
        static Loss of(double[] steps) {
            int tenth = Math.max(1, steps.length / 10);
            return new Loss(
                    Arrays.stream(steps, 0, tenth).average().orElse(Double.NaN),
                    Arrays.stream(steps, steps.length - tenth, steps.length)
                            .average()
                            .orElse(Double.NaN));
        }
    }

    /**
     * The model file.
     *
     * @param file where it is
     * @param sha256 its digest, lower-case hex
     */
    public record Out(String file, String sha256) {}

    /**
     * Another numeric form of the model.
     *
     * @param form its name
     * @param out its file; null where it could not be made
     * @param parity how near it comes to float32; null where it could not be run
     * @param validation its own quality; null where it could not be run
     * @param passed whether it may serve in place of float32
     * @param explanation why, in a sentence
     */
    public record Form(
            String form,
            @Nullable Out out,
            @Nullable Parity parity,
            @Nullable EvaluationReport validation,
            boolean passed,
            String explanation) {}
}
