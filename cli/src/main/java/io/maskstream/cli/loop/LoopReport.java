package io.maskstream.cli.loop;

import io.maskstream.inference.SwapRecord;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.segmentation.metric.PairedBootstrap;
import io.maskstream.trainer.evaluation.EvaluationReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of the loop did; its components are the keys of the JSON report.
 *
 * @param source where the images came from
 * @param images counted by id from the topics
 * @param routed decisions by route and reason
 * @param annotations images with an annotation
 * @param trainingSamples samples that routing sent to training
 * @param lost images that went missing
 * @param duplicated records too many
 * @param wallSeconds from the first stage's start to the last decision, annotation and round
 * @param evaluationImages images that every version was measured on
 * @param rounds round 0 is the model before any learning
 * @param swaps every change of the serving model
 */
public record LoopReport(
        String source,
        Images images,
        Routed routed,
        int annotations,
        int trainingSamples,
        int lost,
        int duplicated,
        double wallSeconds,
        int evaluationImages,
        List<Round> rounds,
        List<Swap> swaps) {
    public LoopReport {
        rounds = List.copyOf(rounds);
        swaps = List.copyOf(swaps);
    }

    /** Image ids by how far they came. */
    public record Images(int published, int predicted, int decided, long deadLettered) {}

    /** Decisions; audit and random arm are among the human ones. */
    public record Routed(long human, long training, long audit, long randomArm, long deferred) {}

    /**
     * One version of the model.
     *
     * @param round rounds of learning behind it
     * @param labels annotations that it was trained on
     * @param method how
     * @param modelVersion its name
     * @param status {@code starting}, {@code champion} or {@code rejected}
     * @param miou on the evaluation split as it is at the end, the same for all rounds
     * @param miouLow lower end of the 95 % interval
     * @param miouHigh upper end
     * @param perClassIou by class name
     * @param trainSeconds wall time of its training
     * @param gain over the version that was to serve before it; null for the first
     */
    public record Round(
            int round,
            int labels,
            String method,
            String modelVersion,
            String status,
            double miou,
            double miouLow,
            double miouHigh,
            Map<String, Double> perClassIou,
            double trainSeconds,
            @Nullable Gain gain) {

        /** Returns one version as the report shows it. */
        static Round of(ReleaseHistory.Entry entry) {
            ModelRelease release = entry.release();
            EvaluationReport measured = entry.evaluation();
            PairedBootstrap gain = entry.gain();
            return new Round(
                    release.getRound(),
                    release.getLabels(),
                    release.getMethod(),
                    release.getVersion(),
                    release.getStatus().name().toLowerCase(Locale.ROOT),
                    measured.miou(),
                    measured.miouLow(),
                    measured.miouHigh(),
                    measured.perClassIou(),
                    release.getTrainSeconds(),
                    gain == null ? null : Gain.of(gain));
        }

        /** Says whether it was ever to serve. */
        boolean serves() {
            return !status.equals(ModelStatus.REJECTED.name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * By how much a version is better than the one before it, and whether that is more than chance.
     *
     * @param delta rise of mIoU on the same images
     * @param low lower end of its 95 % interval, paired over images
     * @param high upper end
     * @param verdict {@code better} where the whole interval is above 0, {@code worse} where it is below, else {@code not shown}
     */
    public record Gain(double delta, double low, double high, String verdict) {
        static Gain of(PairedBootstrap paired) {
            double low = paired.interval().low();
            double high = paired.interval().high();
            return new Gain(paired.delta(), low, high, low > 0 ? "better" : high < 0 ? "worse" : "not shown");
        }
    }

    /**
     * One change of the serving model; instants in ISO 8601.
     *
     * @param modelVersion that serves since then
     * @param publishedAt when its release was published
     * @param servingAt when the first batch could be run by it
     */
    public record Swap(String modelVersion, String publishedAt, String servingAt) {
        static Swap of(SwapRecord swap) {
            return new Swap(
                    swap.modelVersion(),
                    swap.publishedAt().toString(),
                    swap.servingAt().toString());
        }
    }

    /** Returns the report of a loop that has come to rest. */
    static LoopReport of(
            String source,
            LoopLedger.Totals totals,
            double wallSeconds,
            List<ReleaseHistory.Entry> history,
            List<SwapRecord> swaps) {
        return new LoopReport(
                source,
                new Images(totals.published(), totals.predicted(), totals.decided(), totals.deadLettered()),
                new Routed(totals.human(), totals.training(), totals.audit(), totals.randomArm(), totals.deferred()),
                totals.annotations(),
                totals.trainingSamples(),
                totals.lost(),
                totals.duplicated(),
                wallSeconds,
                history.isEmpty() ? 0 : history.get(0).evaluation().images(),
                history.stream().map(Round::of).toList(),
                swaps.stream().map(Swap::of).toList());
    }
}
