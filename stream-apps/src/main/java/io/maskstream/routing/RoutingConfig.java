package io.maskstream.routing;

import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * The settings of routing, read once in {@code main}. From {@code policyVersion} on they are the policy that holds until
 * one arrives on the {@code policies} topic; a policy from the topic replaces all of them.
 *
 * @param applicationId {@code routing.application-id}: names the consumer group, the transactions and the internal
 *     topics; changed, everything is decided anew
 * @param stateDir {@code routing.state-dir}: where the stores live between restarts
 * @param commitInterval {@code routing.commit-interval}: how often a transaction is committed, so how long a decision
 *     takes to be seen at most
 * @param threads {@code routing.threads}: stream threads, at least 1; more than the partitions of {@code predictions}
 *     stay idle
 * @param line {@code routing.line}: the model line whose policies are obeyed
 * @param salt {@code routing.salt}: mixed into every draw; changed, other images are drawn, for the evaluation split too
 * @param policyVersion {@code routing.policy-version}: name of the first policy
 * @param score {@code routing.score}: which image score decides
 * @param thresholds {@code routing.thresholds}: SCORE or QUANTILE, how the next two are read
 * @param learnAtMost {@code routing.learn-at-most}: at or below it an image is certain enough to learn from
 * @param askAtLeast {@code routing.ask-at-least}: at or above it a person should look
 * @param auditShare {@code routing.audit-share}: share of certain images that people label all the same
 * @param randomArmShare {@code routing.random-arm-share}: share of the images of the training split that go to a person
 *     by chance, as far as the budget reaches
 * @param evaluationShare {@code routing.evaluation-share}: share of images drawn for the evaluation split; 0 where a data
 *     set brings its own
 * @param coldStartShare {@code routing.cold-start-share}: share of images that go to people while there is no champion
 * @param tasksPerHour {@code routing.tasks-per-hour}: label budget for uncertain images and the random arm
 * @param burst {@code routing.burst}: tasks that the unspent budget adds up to at most
 */
public record RoutingConfig(
        String applicationId,
        Path stateDir,
        Duration commitInterval,
        int threads,
        String line,
        String salt,
        String policyVersion,
        String score,
        ThresholdKind thresholds,
        double learnAtMost,
        double askAtLeast,
        double auditShare,
        double randomArmShare,
        double evaluationShare,
        double coldStartShare,
        double tasksPerHour,
        double burst) {

    public RoutingConfig {
        if (applicationId.isBlank()) {
            throw new IllegalArgumentException(
                    "routing.application-id is empty; expected a name such as maskstream-routing");
        }
        if (commitInterval.isNegative() || commitInterval.isZero()) {
            throw new IllegalArgumentException("routing.commit-interval is " + commitInterval + ", expected above 0");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("routing.threads is " + threads + ", expected at least 1");
        }
        if (line.isBlank()) {
            throw new IllegalArgumentException("routing.line is empty; expected the name of a model line");
        }
        Policies.check(policy(
                policyVersion,
                score,
                thresholds,
                learnAtMost,
                askAtLeast,
                auditShare,
                randomArmShare,
                evaluationShare,
                coldStartShare,
                tasksPerHour,
                burst));
    }

    /** Returns settings that suit a team of a few annotators. */
    public static RoutingConfig defaults() {
        return new RoutingConfig(
                "maskstream-routing",
                Path.of("data", "routing"),
                Duration.ofMillis(200),
                1,
                "main",
                "maskstream",
                "configured",
                "regions",
                ThresholdKind.QUANTILE,
                0.5,
                0.9,
                0.02,
                0.02,
                0.1,
                0.3,
                120,
                20);
    }

    /** Returns the policy that holds until another arrives. */
    public RoutingPolicy initialPolicy() {
        return policy(
                policyVersion,
                score,
                thresholds,
                learnAtMost,
                askAtLeast,
                auditShare,
                randomArmShare,
                evaluationShare,
                coldStartShare,
                tasksPerHour,
                burst);
    }

    private static RoutingPolicy policy(
            String version,
            String score,
            ThresholdKind thresholds,
            double learnAtMost,
            double askAtLeast,
            double auditShare,
            double randomArmShare,
            double evaluationShare,
            double coldStartShare,
            double tasksPerHour,
            double burst) {
        return RoutingPolicy.newBuilder()
                .setVersion(version)
                .setScore(score)
                .setThresholds(thresholds)
                .setLearnAtMost(learnAtMost)
                .setAskAtLeast(askAtLeast)
                .setAuditShare(auditShare)
                .setRandomArmShare(randomArmShare)
                .setEvaluationShare(evaluationShare)
                .setColdStartShare(coldStartShare)
                .setTasksPerHour(tasksPerHour)
                .setBurst(burst)
                .setChangedAt(Instant.EPOCH)
                .build();
    }
}
