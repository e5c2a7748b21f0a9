package io.maskstream.trainer.evaluation;

import java.util.Map;

/**
 * Quality of a model on the masks of a split; its components are the keys of the JSON report. Shares are in [0, 1].
 *
 * @param images images with a mask that were counted
 * @param pixelAccuracy share of counted pixels with the right class
 * @param meanAccuracy mean over the present classes of the share of their pixels found
 * @param miou mean intersection over union of the present classes
 * @param miouLow lower end of its 95 % bootstrap interval over images
 * @param miouHigh upper end of that interval
 * @param weightedIou intersection over union, classes weighted by their pixels
 * @param boundaryIou mean boundary intersection over union
 * @param ece expected calibration error of the confidence map
 * @param perClassIou by class name; absent classes are left out
 * @param perClassAccuracy by class name; absent classes are left out
 * @param modelVersion the version of the model
 * @param wallSeconds how long it took
 */
public record EvaluationReport(
        int images,
        double pixelAccuracy,
        double meanAccuracy,
        double miou,
        double miouLow,
        double miouHigh,
        double weightedIou,
        double boundaryIou,
        double ece,
        Map<String, Double> perClassIou,
        Map<String, Double> perClassAccuracy,
        String modelVersion,
        double wallSeconds) {}
