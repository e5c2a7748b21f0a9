package io.maskstream.routing;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Prediction;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What routing judges an image by. A decision keeps all of it, so that the same image can be judged again under another
 * policy when the prediction is long gone.
 *
 * @param imageId the image
 * @param source where the image came from
 * @param sha256 digest of its bytes, by which the evaluation split is drawn, so that the same bytes under two ids never
 *     end up in both splits
 * @param modelVersion the version that predicted
 * @param modelRound rounds of learning behind it; 0 is the model before any learning
 * @param scores the image's uncertainty by measure, in [0, 1], large = uncertain
 * @param calibration the calibration in force; null for none
 * @param atMillis stream time of the prediction, in milliseconds since 1970
 */
public record Candidate(
        String imageId,
        String source,
        String sha256,
        String modelVersion,
        int modelRound,
        Map<String, Double> scores,
        @Nullable String calibration,
        long atMillis) {
    public Candidate {
        scores = Map.copyOf(scores);
    }

    /** Returns the candidate of a prediction whose record carries the given time. */
    public static Candidate of(Prediction prediction, long atMillis) {
        return new Candidate(
                prediction.getImageId(),
                prediction.getSource(),
                prediction.getContent().getSha256(),
                prediction.getModelVersion(),
                prediction.getModelRound(),
                prediction.getScores(),
                null,
                atMillis);
    }

    /** Returns the candidate that a decision was made on. */
    public static Candidate of(Decision decision) {
        return new Candidate(
                decision.getImageId(),
                decision.getSource(),
                decision.getSha256(),
                decision.getModelVersion(),
                decision.getModelRound(),
                decision.getScores(),
                decision.getCalibration(),
                decision.getDecidedAt().toEpochMilli());
    }

    /**
     * Returns the value of a score.
     *
     * @throws IllegalArgumentException if the prediction does not have it, or it is not in [0, 1]
     */
    double score(String name) {
        Double value = scores.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the prediction of image " + imageId + " by " + modelVersion
                    + " has no score " + name + ", only "
                    + scores.keySet().stream().sorted().toList()
                    + "; name one of these in the routing policy, or release a model that computes it");
        }
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("score " + name + " of image " + imageId + " is " + value
                    + ", expected a number from 0 to 1; check the model " + modelVersion);
        }
        return value;
    }
}
