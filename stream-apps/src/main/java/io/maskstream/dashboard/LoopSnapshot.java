package io.maskstream.dashboard;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows at one moment; its component names are the keys of {@code GET /api/loop/state}.
 *
 * @param at when it was taken
 * @param caughtUp whether everything that was on the topics at start has been read
 * @param edges figures by the topic's short name, such as {@code training-samples}
 * @param model the model that serves; null before the first release
 * @param rejected releases that did not pass the gate
 * @param learning what the trainer has to learn from, and what it does
 * @param audit the measured error of pseudo-labels; null before the first audited image
 * @param routing decisions by reason, the largest first
 * @param budget the label budget; null before the first decision
 * @param decisions the last decisions, newest first
 * @param tasks the label tasks that are open
 * @param deadLetters records that a stage refused
 * @param waits what silent parts wait for, in plain words
 * @param chartRevision changes when {@code GET /api/loop/chart} has something new
 * @param labelUrl where people label
 */
public record LoopSnapshot(
        Instant at,
        boolean caughtUp,
        Map<String, Edge> edges,
        @Nullable Model model,
        int rejected,
        Learning learning,
        @Nullable Audit audit,
        List<Share> routing,
        @Nullable Budget budget,
        List<DecisionCard> decisions,
        Tasks tasks,
        DeadLetters deadLetters,
        List<Wait> waits,
        long chartRevision,
        String labelUrl) {

    /**
     * One topic.
     *
     * @param perSecond records a second over the last ten seconds
     * @param total records seen, and found at start
     * @param exact whether {@code total} is a count; false where markers of transactions may be among it
     * @param lags records that a consumer group has still to read, by group
     */
    public record Edge(double perSecond, long total, boolean exact, List<Lag> lags) {}

    /** Records of a topic that one consumer group has still to read. */
    public record Lag(String group, long records) {}

    /**
     * The model in charge.
     *
     * @param version the released version to serve
     * @param serving the version that made the last prediction; null before there is one
     * @param round rounds of learning behind it
     * @param method how it learnt
     * @param status its release status
     * @param releasedAt when it was released
     * @param labels annotations it was trained on
     * @param unlabelled images without annotation it was trained on
     * @param miou mean intersection over union on the evaluation split, null where there was none
     * @param miouLow lower end of its 95 % interval
     * @param miouHigh upper end of its 95 % interval
     * @param images evaluated on
     * @param verdict what the gate said; null for a starting model
     */
    public record Model(
            String version,
            @Nullable String serving,
            int round,
            String method,
            String status,
            Instant releasedAt,
            int labels,
            int unlabelled,
            @Nullable Double miou,
            @Nullable Double miouLow,
            @Nullable Double miouHigh,
            int images,
            @Nullable String verdict) {}

    /**
     * What there is to learn from.
     *
     * @param labels annotations on the training split
     * @param pseudoLabels predictions accepted for training
     * @param evaluation annotations on the evaluation split
     * @param sinceRelease annotations that came after the last release
     * @param share of the decided images that the model learns from, by a person or by itself; null before a decision
     * @param round what the trainer does now; null where it does not say
     */
    public record Learning(
            long labels,
            long pseudoLabels,
            long evaluation,
            long sinceRelease,
            @Nullable Double share,
            @Nullable RoundProgress round) {}

    /**
     * The error of pseudo-labels, measured on certain images that people labelled all the same.
     *
     * @param error one less the mean intersection over union
     * @param low lower end of its 95 % interval
     * @param high upper end of its 95 % interval
     * @param pixelError share of pixels with the wrong class
     * @param images audited
     * @param modelVersion whose pseudo-labels they are
     */
    public record Audit(double error, double low, double high, double pixelError, int images, String modelVersion) {}

    /** Decisions with one reason. */
    public record Share(String reason, String route, long decisions, double share) {}

    /** The token bucket of the label budget. */
    public record Budget(double tokens, double capacity, double tasksPerHour) {}

    /**
     * One decision.
     *
     * @param why the reason as a sentence
     * @param pictures whether thumbnail, mask and heat-map can be had
     */
    public record DecisionCard(
            String imageId,
            String source,
            String modelVersion,
            String route,
            String reason,
            String why,
            String score,
            double scoreValue,
            Instant at,
            boolean pictures) {}

    /** The open label tasks: how many there are, how many people hold, and the first of them by priority. */
    public record Tasks(int open, int held, List<Task> first) {}

    /** One open label task; {@code holder} is who works on it, null for nobody. */
    public record Task(
            String taskId, String source, String reason, double priority, Instant createdAt, @Nullable String holder) {}

    /** Refused records: how many, by stage, and the last of them. */
    public record DeadLetters(long total, Map<String, Long> byStage, List<DeadLetterCard> last) {}

    /** One refused record. */
    public record DeadLetterCard(String stage, String topic, int partition, long offset, String cause, Instant at) {}

    /**
     * A silent part, and what it waits for.
     *
     * @param part the part's name on the page, such as {@code model} or {@code trainer}
     * @param text a sentence
     */
    public record Wait(String part, String text) {}
}
