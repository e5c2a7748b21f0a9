package io.maskstream.cli.loop;

import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.time.Instant;

/**
 * How the images that people label are chosen, as routing policies that spend a budget to the last label.
 *
 * <p>Images come in portions. Before each, a policy is published whose threshold is the quantile that would spend what is left
 * of the budget over the images that are left; so the most uncertain are taken, the budget is met exactly, and routing
 * decides as it does on any stream. When as many images are left as labels, all of them are asked for.
 *
 * @param score name of the image score, or {@code random} for chance
 */
public record Selection(String score) {
    private static final String RANDOM = "random";
    private static final String ANY_SCORE = "entropy";
    private static final double LEARN_BELOW = 0.6;

    /** Returns whether chance decides. */
    public boolean isRandom() {
        return score.equals(RANDOM);
    }

    /**
     * Returns the policy for the next portion.
     *
     * @param version not used before; a new version starts with a full budget
     * @param labelsLeft labels that may still be asked for in the round
     * @param imagesLeft images still to come in the round, with this portion
     */
    RoutingPolicy policy(String version, int labelsLeft, int imagesLeft) {
        double share = imagesLeft == 0 ? 0 : Math.min(1.0, (double) labelsLeft / imagesLeft);
        boolean all = labelsLeft >= imagesLeft;
        RoutingPolicy.Builder policy = RoutingPolicy.newBuilder()
                .setVersion(version)
                .setScore(isRandom() ? ANY_SCORE : score)
                .setAuditShare(0)
                .setEvaluationShare(0)
                .setColdStartShare(0)
                .setTasksPerHour(0)
                .setBurst(labelsLeft)
                .setChangedAt(Instant.now());
        if (all && labelsLeft > 0) {
            return policy.setThresholds(ThresholdKind.SCORE) // every score is above the threshold
                    .setLearnAtMost(-2)
                    .setAskAtLeast(-1)
                    .setRandomArmShare(0)
                    .build();
        }
        if (isRandom()) {
            return policy.setThresholds(ThresholdKind.SCORE) // no score is above the threshold; all are learned from
                    .setLearnAtMost(1)
                    .setAskAtLeast(2)
                    .setRandomArmShare(share)
                    .build();
        }
        double askAtLeast = 1 - share;
        return policy.setThresholds(ThresholdKind.QUANTILE)
                .setLearnAtMost(Math.min(LEARN_BELOW, askAtLeast / 2))
                .setAskAtLeast(askAtLeast)
                .setRandomArmShare(0)
                .build();
    }
}
