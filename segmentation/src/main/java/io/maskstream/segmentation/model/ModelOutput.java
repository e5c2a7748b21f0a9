package io.maskstream.segmentation.model;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;
import java.util.List;
import java.util.Map;

/**
 * What a model says of one picture.
 *
 * @param mask the likeliest class of every pixel, in the picture's own size
 * @param confidence its probability, in the picture's own size
 * @param scores image-level uncertainty by the name of the measure ({@link PseudoLabelHead#SCORES}), each in [0, 1],
 *     large = uncertain
 * @param classFigures counts and confidence histograms of the classes that are present, at the model's size
 * @param regions uncertainty by region
 */
public record ModelOutput(
        Mask mask,
        ConfidenceMap confidence,
        Map<String, Double> scores,
        List<ClassCount> classFigures,
        RegionGrid regions) {
    public ModelOutput {
        scores = Map.copyOf(scores);
        classFigures = List.copyOf(classFigures);
    }

    /**
     * One class in one picture.
     *
     * @param classId the class index
     * @param pixels how many pixels have it, at the model's size
     * @param confidenceHistogram those pixels by confidence, {@link PseudoLabelHead#BINS} equal bins over [0, 1]
     */
    public record ClassCount(int classId, long pixels, List<Integer> confidenceHistogram) {
        public ClassCount {
            confidenceHistogram = List.copyOf(confidenceHistogram);
        }
    }

    /**
     * Uncertainty by cell of a grid over the picture.
     *
     * @param rows cells down
     * @param columns cells across
     * @param scores {@code round(255 u)} of each cell, row-major, {@code u} its mean normalised entropy
     */
    public record RegionGrid(int rows, int columns, Bytes scores) {
        public RegionGrid {
            if (rows < 1 || columns < 1 || scores.length() != Math.multiplyExact(rows, columns)) {
                throw new IllegalArgumentException(
                        "a grid of " + rows + "x" + columns + " cells cannot hold " + scores.length() + " scores");
            }
        }
    }
}
