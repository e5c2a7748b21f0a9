package io.maskstream.routing;

import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.Split;

/**
 * The rule by which every image is routed: a pure function, so that the same candidate under the same policy, thresholds
 * and budget is always routed the same.
 *
 * <p>In this order:
 *
 * <ol>
 *   <li>The evaluation split is drawn by the hash of the bytes. Its images always go to a person, whatever the model
 *       says, and are never trained on.
 *   <li>Before any learning a drawn share goes to people (cold start) and the rest is set aside, since the model is not
 *       to be believed.
 *   <li>The random arm: a drawn share goes to a person, as far as the budget reaches. Drawn with the budget spent, an
 *       image goes on as if not drawn.
 *   <li>Uncertain images go to a person as far as the budget reaches, and are set aside after that.
 *   <li>Certain images are learned from, except for the audit: a drawn share goes to a person instead, so that the error
 *       of pseudo-labels is measured.
 *   <li>What lies between the thresholds is set aside.
 * </ol>
 *
 * <p>Evaluation, cold start and audit are limited by their shares alone: they are what every figure rests on, and a
 * budget that ran dry would bias them by the time of day. Uncertain images and the random arm share the token bucket, so
 * that they can be compared at equal cost.
 */
final class RoutingRule {
    private RoutingRule() {}

    /**
     * Where an image goes.
     *
     * @param route where to
     * @param reason why
     * @param split whether it may be trained on
     * @param audit whether the hash drew it for the audit
     * @param randomArm whether the hash drew it for the random arm
     * @param inclusionProbability with which an image of this kind (same round, equally certain) reaches a person by any
     *     of the draws, the budget left out of account; 1 for an uncertain image that was asked for
     * @param priority of the task, in [0, 1], larger first: uncertain images by their score in the upper half, drawn ones
     *     by another draw over the whole range, so that neither kind starves the other and nobody can tell them apart
     * @param bucket the budget after it
     */
    record Ruling(
            Route route,
            Reason reason,
            Split split,
            boolean audit,
            boolean randomArm,
            double inclusionProbability,
            double priority,
            TokenBucket bucket) {}

    /**
     * Routes one image.
     *
     * @param score the value that the policy judges by
     * @param thresholds in force, as scores
     * @param bucket the budget at the time of the candidate
     * @param salt of the draws
     */
    static Ruling decide(
            Candidate image,
            double score,
            RoutingPolicy policy,
            Thresholds thresholds,
            TokenBucket bucket,
            String salt) {
        String id = image.imageId();
        boolean evaluation = Draw.EVALUATION.takes(image.sha256(), salt, policy.getEvaluationShare());
        boolean randomArm = Draw.RANDOM_ARM.takes(id, salt, policy.getRandomArmShare());
        boolean audit = Draw.AUDIT.takes(id, salt, policy.getAuditShare());
        boolean coldStart = image.modelRound() == 0;
        boolean uncertain = !coldStart && score >= thresholds.askAtLeast();
        boolean certain = !coldStart && !uncertain && score <= thresholds.learnAtMost();

        Split split = evaluation ? Split.EVALUATION : Split.TRAIN;
        double drawn = drawnWith(policy, coldStart, certain);
        double lottery = Draw.PRIORITY.number(id, salt);
        if (evaluation) {
            return new Ruling(Route.ASK_PERSON, Reason.EVALUATION, split, audit, randomArm, drawn, lottery, bucket);
        }
        if (coldStart) {
            boolean asked = Draw.COLD_START.takes(id, salt, policy.getColdStartShare());
            return asked
                    ? new Ruling(Route.ASK_PERSON, Reason.COLD_START, split, audit, randomArm, drawn, lottery, bucket)
                    : new Ruling(Route.SET_ASIDE, Reason.NO_CHAMPION, split, audit, randomArm, drawn, 0, bucket);
        }
        if (randomArm && bucket.hasToken()) {
            return new Ruling(Route.ASK_PERSON, Reason.RANDOM_ARM, split, audit, true, drawn, lottery, bucket.take());
        }
        if (uncertain && bucket.hasToken()) {
            return new Ruling(
                    Route.ASK_PERSON, Reason.UNCERTAIN, split, audit, randomArm, 1, (1 + score) / 2, bucket.take());
        }
        if (uncertain) {
            return new Ruling(Route.SET_ASIDE, Reason.OVER_BUDGET, split, audit, randomArm, drawn, 0, bucket);
        }
        if (certain) {
            return audit
                    ? new Ruling(Route.ASK_PERSON, Reason.AUDIT, split, true, randomArm, drawn, lottery, bucket)
                    : new Ruling(Route.LEARN, Reason.CONFIDENT, split, false, randomArm, drawn, 0, bucket);
        }
        return new Ruling(Route.SET_ASIDE, Reason.UNDECIDED, split, audit, randomArm, drawn, 0, bucket);
    }

    private static double drawnWith(RoutingPolicy policy, boolean coldStart, boolean certain) {
        double missed = 1 - policy.getEvaluationShare();
        if (coldStart) {
            missed *= 1 - policy.getColdStartShare();
        } else {
            missed *= 1 - policy.getRandomArmShare();
            if (certain) {
                missed *= 1 - policy.getAuditShare();
            }
        }
        return 1 - missed;
    }
}
