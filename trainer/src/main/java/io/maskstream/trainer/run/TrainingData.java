package io.maskstream.trainer.run;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.data.Examples;
import java.util.Map;

/**
 * What a training may see.
 *
 * @param labelled annotated examples, at least one
 * @param unlabelled examples without annotation, may be none
 * @param truths people's masks of unlabelled images by id, where they are known; shown to a {@link LabelWatch} and to nothing else
 */
record TrainingData(Examples labelled, Examples unlabelled, Map<String, Mask> truths) {
    TrainingData {
        if (labelled.size() < 1) {
            throw new IllegalArgumentException("there is no annotation to learn from");
        }
        truths = Map.copyOf(truths);
    }

    /** Pairs examples whose truth is not known. */
    TrainingData(Examples labelled, Examples unlabelled) {
        this(labelled, unlabelled, Map.of());
    }
}
