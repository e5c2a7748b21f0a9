package io.maskstream.cli.loop;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.ingest.NewImage;
import io.maskstream.ingest.PublishListener;
import io.maskstream.ingest.PublishReport;
import io.maskstream.ingest.Publisher;
import io.maskstream.ingest.SeedPublisher;
import io.maskstream.labeling.AutomaticAnnotator;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * The whole loop in one process: images arrive at a pace, a model predicts, routing decides, an annotator answers the
 * tasks through the label desk's own HTTP API, and the trainer learns round after round.
 */
public final class Demo {
    private static final long TICK_MILLIS = 500;
    private static final Duration LONGEST = Duration.ofMinutes(45);
    private static final int ANNOTATORS = 2;

    private final DemoPlan plan;
    private final LoopConsole console;

    public Demo(DemoPlan plan, LoopConsole console) {
        this.plan = plan;
        this.console = console;
    }

    /** What happens between the report and the end. */
    public interface Afterwards {
        /** Returns when the loop may be closed. */
        void stay(LoopProcess loop, LoopReport report) throws IOException, InterruptedException;
    }

    /**
     * Runs the loop until all images are decided, all tasks are answered and the rounds are over.
     *
     * @throws IOException if images or models cannot be read or stored
     * @throws IllegalStateException if a stage stops working, or the loop does not come to rest
     */
    public LoopReport run(Afterwards afterwards) throws IOException, InterruptedException {
        try (TemporaryFolder folder = new TemporaryFolder("maskstream-demo-");
                EmbeddedBroker broker = EmbeddedBroker.start(folder.path().resolve("kafka"), 0);
                LoopProcess loop = new LoopProcess(plan.settings(broker.bootstrapServers(), folder.path()))) {
            long start = System.nanoTime();
            loop.start();
            console.say("The loop is on " + loop.url() + " and its label desk on " + loop.url() + "label");
            seedEvaluation(loop);
            LoopReport report;
            try (LoopLedger ledger = new LoopLedger(loop.connection(), loop.topics());
                    AutomaticAnnotator annotator = annotator(loop)) {
                annotator.start();
                waitForRest(loop, ledger, annotator, publish(loop));
                double wallSeconds = (System.nanoTime() - start) / 1e9;
                console.say("All is decided, answered and learned; every version is measured on the same images.");
                List<ReleaseHistory.Entry> history = ReleaseHistory.measure(
                        loop.connection(),
                        loop.topics(),
                        loop.store(),
                        loop.settings().trainer().line());
                report = LoopReport.of(
                        plan.source(),
                        ledger.totals(),
                        wallSeconds,
                        history,
                        loop.inference().swaps());
            }
            afterwards.stay(loop, report);
            return report;
        }
    }

    private AutomaticAnnotator annotator(LoopProcess loop) {
        AutomaticAnnotator.Settings settings =
                new AutomaticAnnotator.Settings("automatic", null, plan.answerTime(), ANNOTATORS);
        return new AutomaticAnnotator(loop.url(), settings, plan.feed());
    }

    private void seedEvaluation(LoopProcess loop) throws IOException {
        DatasetFeed evaluation = plan.evaluation();
        if (evaluation == null) {
            return;
        }
        try (SeedPublisher seeds = new SeedPublisher(
                loop.settings().ingest(),
                loop.connection(),
                loop.topics(),
                loop.store(),
                loop.metrics().registry())) {
            for (int i = 0; i < evaluation.size(); i++) {
                PublishReport report = seeds.publish(evaluation.image(i), evaluation.mask(i), Split.EVALUATION);
                if (!report.rejected().isEmpty()) {
                    throw new IOException(report.rejected().get(0).file() + ": "
                            + report.rejected().get(0).cause());
                }
            }
        }
        console.say(evaluation.size() + " labelled images are the evaluation split");
    }

    private CompletableFuture<PublishReport> publish(LoopProcess loop) {
        CompletableFuture<PublishReport> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (Publisher publisher = new Publisher(
                            loop.settings().ingest(),
                            loop.connection(),
                            loop.topics(),
                            loop.store(),
                            loop.metrics().registry())) {
                        done.complete(publisher.publish(
                                images(), plan.feed().size(), plan.perSecond(), PublishListener.NONE));
                    } catch (IOException | RuntimeException e) {
                        done.completeExceptionally(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        done.completeExceptionally(e);
                    }
                },
                "demo-publisher");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private Iterator<NewImage> images() {
        return IntStream.range(0, plan.feed().size())
                .mapToObj(index -> {
                    try {
                        return plan.feed().image(index);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .iterator();
    }

    private void waitForRest(
            LoopProcess loop,
            LoopLedger ledger,
            AutomaticAnnotator annotator,
            CompletableFuture<PublishReport> publishing)
            throws InterruptedException {
        RoundWatch rounds = new RoundWatch(loop, console);
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (System.nanoTime() < deadline) {
            Thread.sleep(TICK_MILLIS);
            loop.requireHealthy();
            if (!annotator.isHealthy()) {
                throw new IllegalStateException("the automatic annotator has stopped working; see the errors above");
            }
            if (publishing.isCompletedExceptionally()) {
                publishing.join();
            }
            LoopLedger.Totals totals = ledger.totals();
            List<ModelRelease> releases = rounds.look();
            console.status(status(totals, releases));
            boolean quiet = publishing.isDone()
                    && totals.published() == publishing.join().published()
                    && totals.lost() == 0
                    && totals.openTasks() == 0;
            if (!quiet) {
                continue;
            }
            if (rounds.finished() >= plan.rounds()) {
                return;
            }
            rounds.askForOne();
        }
        throw new IllegalStateException("the loop did not come to rest within " + LONGEST.toMinutes() + " minutes: "
                + status(ledger.totals(), List.of()));
    }

    private String status(LoopLedger.Totals totals, List<ModelRelease> releases) {
        String model = releases.stream()
                .filter(release -> release.getStatus() == ModelStatus.CHAMPION)
                .reduce((earlier, later) -> later)
                .map(Demo::describe)
                .orElse("untrained model");
        return String.format(
                Locale.ROOT,
                "%d/%d images · %d decided · %d asked, %d answered · %d learned from · %s",
                totals.published(),
                plan.feed().size(),
                totals.decided(),
                totals.human(),
                totals.annotations(),
                totals.training(),
                model);
    }

    /** Returns a release with its figures in a few words. */
    static String describe(ModelRelease release) {
        ModelMetrics metrics = release.getMetrics();
        return metrics == null
                ? release.getVersion()
                : String.format(
                        Locale.ROOT,
                        "%s, mIoU %.2f (%.2f to %.2f)",
                        release.getVersion(),
                        metrics.getMiou(),
                        metrics.getMiouLow(),
                        metrics.getMiouHigh());
    }
}
