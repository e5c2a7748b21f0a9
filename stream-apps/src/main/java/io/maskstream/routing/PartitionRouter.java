package io.maskstream.routing;

import io.maskstream.routing.RoutingRule.Ruling;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.RoutingMemory;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ScoreWindowHead;
import io.maskstream.schemas.event.ThresholdKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Routes the images of one partition one after another: the rule, and what it remembers between two images, which is the
 * label budget and the windows of scores that quantile thresholds are read from.
 *
 * <p>Equal candidates in equal order under equal policies give equal decisions: the stream and {@link RoutingReplay} run
 * this same class. Time is that of the records, so nothing here looks at a clock.
 *
 * <p>A quantile is taken over the scores seen before of the same model version. While fewer than
 * {@value ScoreWindow#ENOUGH} are there, the window of the version before is used, if that had learned anything; else no
 * image is certain or uncertain, and it is {@code UNDECIDED}. The starting model's scores are never used for a trained
 * one: nearly everything would look certain beside them.
 */
final class PartitionRouter {
    private final int partitions;
    private final String salt;
    private final @Nullable ScoreWindow[] windows = new @Nullable ScoreWindow[2];
    private int last = -1;
    private int lastSlot = -1;
    private String score = "";
    private @Nullable TokenBucket bucket;

    /**
     * @param partitions over which the label budget is split
     * @param salt of the draws
     */
    PartitionRouter(int partitions, String salt) {
        this.partitions = partitions;
        this.salt = salt;
    }

    /** One decision, and the priority of its task if a person is asked. */
    record Routed(Decision decision, double priority) {}

    /**
     * Routes the next image.
     *
     * @throws IllegalArgumentException if the candidate lacks the policy's score; nothing is remembered of it then
     */
    Routed decide(Candidate image, RoutingPolicy policy) {
        double value = image.score(policy.getScore());
        long now = bucket == null ? image.atMillis() : Math.max(image.atMillis(), bucket.atMillis());
        TokenBucket budget =
                bucket == null ? TokenBucket.full(policy, partitions, now) : bucket.at(now, policy, partitions);
        if (!score.equals(policy.getScore())) {
            score = policy.getScore();
            windows[0] = null;
            windows[1] = null;
            last = -1;
        }
        int index = windowOf(image);
        Thresholds thresholds = thresholds(policy, index);
        Ruling ruling = RoutingRule.decide(image, value, policy, thresholds, budget, salt);
        bucket = ruling.bucket();
        remember(image, index, value);
        return new Routed(decision(image, value, policy, thresholds, ruling, now), ruling.priority());
    }

    private Thresholds thresholds(RoutingPolicy policy, int index) {
        if (policy.getThresholds() == ThresholdKind.SCORE) {
            return new Thresholds(policy.getLearnAtMost(), policy.getAskAtLeast());
        }
        ScoreWindow own = windows[index];
        ScoreWindow other = windows[1 - index];
        if (own != null && own.hasEnough()) {
            return own.quantiles(policy.getLearnAtMost(), policy.getAskAtLeast());
        }
        if (other != null && other.hasEnough() && other.modelRound() > 0) {
            return other.quantiles(policy.getLearnAtMost(), policy.getAskAtLeast());
        }
        return Thresholds.NONE;
    }

    /** Returns the index of the version's window; for a version not known, of the window that is to make room. */
    private int windowOf(Candidate image) {
        for (int i = 0; i < windows.length; i++) {
            ScoreWindow window = windows[i];
            if (window != null && window.modelVersion().equals(image.modelVersion())) {
                return i;
            }
        }
        int index = last < 0 ? 0 : 1 - last;
        windows[index] = null;
        return index;
    }

    private void remember(Candidate image, int index, double value) {
        ScoreWindow window = windows[index];
        if (window == null) {
            window = new ScoreWindow(image.modelVersion(), image.modelRound());
            windows[index] = window;
        }
        last = index;
        lastSlot = window.add(value);
    }

    private static Decision decision(
            Candidate image, double value, RoutingPolicy policy, Thresholds thresholds, Ruling ruling, long now) {
        return Decision.newBuilder()
                .setImageId(image.imageId())
                .setSource(image.source())
                .setSha256(image.sha256())
                .setModelVersion(image.modelVersion())
                .setModelRound(image.modelRound())
                .setRoute(ruling.route())
                .setReason(ruling.reason())
                .setSplit(ruling.split())
                .setScore(policy.getScore())
                .setScoreValue(value)
                .setScores(image.scores())
                .setLearnAtMost(thresholds.learnAtMost())
                .setAskAtLeast(thresholds.askAtLeast())
                .setPolicyVersion(policy.getVersion())
                .setCalibration(image.calibration())
                .setBudget(ruling.bucket().state())
                .setAudit(ruling.audit())
                .setRandomArm(ruling.randomArm())
                .setInclusionProbability(ruling.inclusionProbability())
                .setDecidedAt(Instant.ofEpochMilli(now))
                .build();
    }

    /** Returns the tokens left; 0 before the first image. */
    double tokens() {
        return bucket == null ? 0 : bucket.tokens();
    }

    /** Returns what a store has to keep beside the scores, to go on from here. */
    RoutingMemory memory() {
        TokenBucket budget = bucket;
        if (budget == null) {
            throw new IllegalStateException("there is nothing to remember before the first image");
        }
        List<ScoreWindowHead> heads = new ArrayList<>();
        for (ScoreWindow window : windows) {
            heads.add(
                    window == null
                            ? new ScoreWindowHead("", 0, 0L)
                            : new ScoreWindowHead(window.modelVersion(), window.modelRound(), window.seen()));
        }
        return new RoutingMemory(budget.policyVersion(), budget.tokens(), budget.atMillis(), score, last, heads);
    }

    /** Where the last score was put, for the store that keeps one record a score. */
    String lastSlotKey() {
        return slotKey(last, lastSlot);
    }

    /** Reads a kept score by its key. */
    interface KeptScores {
        @Nullable
        Double get(String key);
    }

    /** Goes on from what was kept. */
    void restore(RoutingMemory memory, KeptScores kept) {
        score = memory.getScore();
        last = memory.getLastWindow();
        bucket = new TokenBucket(memory.getPolicyVersion(), memory.getTokens(), 0, 0, memory.getStreamTime());
        for (int i = 0; i < windows.length; i++) {
            ScoreWindowHead head = memory.getWindows().get(i);
            windows[i] = head.getSeen() == 0 ? null : restored(i, head, kept);
        }
    }

    private static ScoreWindow restored(int index, ScoreWindowHead head, KeptScores kept) {
        double[] slots = new double[(int) Math.min(head.getSeen(), ScoreWindow.CAPACITY)];
        for (int slot = 0; slot < slots.length; slot++) {
            Double value = kept.get(slotKey(index, slot));
            if (value == null) {
                throw new IllegalStateException(
                        "the store of scores lacks slot " + slot + " of " + head.getModelVersion()
                                + "; delete the state directory, so that it is restored from the change log");
            }
            slots[slot] = value;
        }
        return ScoreWindow.of(head.getModelVersion(), head.getModelRound(), slots, head.getSeen());
    }

    private static String slotKey(int window, int slot) {
        return window + "/" + slot;
    }
}
