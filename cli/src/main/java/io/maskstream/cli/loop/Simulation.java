package io.maskstream.cli.loop;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.LoopSettings;
import io.maskstream.ingest.PublishReport;
import io.maskstream.ingest.Publisher;
import io.maskstream.ingest.SeedPublisher;
import io.maskstream.labeling.AutomaticAnnotator;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.Settings;
import io.maskstream.trainer.run.TrainerMetrics;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/**
 * The loop through real Kafka with the data set's own masks as the annotator: how much a model learns from how few labels.
 *
 * <p>Round 1 learns from the initial labels. Before each later round a wave of the other images is streamed and routing
 * chooses which of them are labelled, until the budget is spent. The val split is the evaluation split throughout.
 */
public final class Simulation {
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(60);
    private static final long TICK_MILLIS = 200;
    private static final int PORTIONS = 8;

    private final SimulationPlan plan;
    private final LoopConsole console;

    public Simulation(SimulationPlan plan, LoopConsole console) {
        this.plan = plan;
        this.console = console;
    }

    /**
     * Runs all rounds.
     *
     * @param model where the final champion is written
     * @throws IOException if images or models cannot be read or stored
     * @throws IllegalStateException if a stage stops working, or a round does not end
     */
    public LoopReport run(Path model) throws IOException, InterruptedException {
        try (TemporaryFolder folder = new TemporaryFolder("maskstream-simulate-");
                EmbeddedBroker broker = EmbeddedBroker.start(folder.path().resolve("kafka"), 0);
                LoopProcess loop = new LoopProcess(settings(broker, folder.path()))) {
            long start = System.nanoTime();
            loop.start();
            try (LoopLedger ledger = new LoopLedger(loop.connection(), loop.topics());
                    AutomaticAnnotator annotator = new AutomaticAnnotator(
                            loop.url(),
                            new AutomaticAnnotator.Settings("simulated", null, Duration.ZERO, 2),
                            plan.stream())) {
                annotator.start();
                RoundWatch rounds = new RoundWatch(loop, console);
                seed(loop, plan.evaluation(), Split.EVALUATION);
                seed(loop, plan.initial(), Split.TRAIN);
                learn(loop, rounds, 1);
                int streamed = 0;
                for (int round = 2; round <= plan.rounds(); round++) {
                    int last = (int) ((long) plan.stream().size() * (round - 1) / (plan.rounds() - 1));
                    wave(loop, ledger, round, streamed, last);
                    streamed = last;
                    learn(loop, rounds, round);
                }
                double wallSeconds = (System.nanoTime() - start) / 1e9;
                List<ReleaseHistory.Entry> history = ReleaseHistory.measure(
                        loop.connection(),
                        loop.topics(),
                        loop.store(),
                        loop.settings().trainer().line());
                writeModel(loop, history, model);
                return LoopReport.of(
                        plan.name(),
                        ledger.totals(),
                        wallSeconds,
                        history,
                        loop.inference().swaps());
            }
        }
    }

    private LoopSettings settings(EmbeddedBroker broker, Path dir) {
        Map<String, String> flags = new LinkedHashMap<>(LoopFolders.under(dir));
        flags.put("kafka.bootstrap.servers", broker.bootstrapServers());
        flags.put(
                "topics.partitions",
                "1"); // a budget is split over partitions; here it has to be spent to the last label
        flags.put("http.port", "0");
        flags.put("routing.cold-start-share", "0");
        flags.put("routing.evaluation-share", "0");
        flags.put("inference.threads", "1");
        flags.putAll(DemoPlan.classes(plan.stream().classes()));
        flags.put("trainer.model", plan.model());
        flags.put("trainer.width", Integer.toString(plan.size().width()));
        flags.put("trainer.height", Integer.toString(plan.size().height()));
        flags.put("trainer.method", plan.method());
        flags.put("trainer.seed", Long.toString(plan.seed()));
        flags.put("trainer.threads", "2");
        // Rounds are asked for, one after each wave.
        flags.put("trainer.trigger-annotations", "1000000");
        flags.put("trainer.max-interval", "365d");
        flags.put("trainer.cooldown", "0s");
        flags.put("trainer.debounce", "500ms");
        flags.putAll(plan.set());
        return LoopSettings.bind(Settings.of(flags));
    }

    private void seed(LoopProcess loop, DatasetFeed feed, Split split) throws IOException {
        try (SeedPublisher seeds = new SeedPublisher(
                loop.settings().ingest(),
                loop.connection(),
                loop.topics(),
                loop.store(),
                loop.metrics().registry())) {
            for (int i = 0; i < feed.size(); i++) {
                PublishReport report = seeds.publish(feed.image(i), feed.mask(i), split);
                if (!report.rejected().isEmpty()) {
                    throw new IOException(report.rejected().get(0).file() + ": "
                            + report.rejected().get(0).cause());
                }
            }
        }
    }

    private void learn(LoopProcess loop, RoundWatch rounds, int round) throws InterruptedException {
        await(
                loop,
                "the samples of round " + round,
                () -> known(loop, "train") >= plan.labelsAfter(round)
                        && known(loop, "evaluation") >= plan.evaluation().size());
        loop.trainer().requestRound();
        await(loop, "round " + round, () -> {
            rounds.look();
            return rounds.finished() >= round;
        });
        String serving = rounds.serving();
        await(
                loop,
                "the swap to " + serving,
                () -> serving.equals(loop.inference().servingVersion()));
    }

    /** Returns how many annotations of a split the trainer has read. */
    private static double known(LoopProcess loop, String split) {
        Gauge gauge = loop.metrics()
                .registry()
                .find(TrainerMetrics.SAMPLES)
                .tags(TrainerMetrics.ORIGIN, "human", TrainerMetrics.SPLIT, split)
                .gauge();
        return gauge == null ? 0 : gauge.value();
    }

    /** Streams the images from one index to another in portions, each under the policy that the budget then asks for. */
    private void wave(LoopProcess loop, LoopLedger ledger, int round, int from, int to)
            throws IOException, InterruptedException {
        int budget = plan.labelsAfter(round) - plan.labelsAfter(round - 1);
        int askedBefore = ledger.totals().annotations();
        try (Publisher publisher = new Publisher(
                        loop.settings().ingest(),
                        loop.connection(),
                        loop.topics(),
                        loop.store(),
                        loop.metrics().registry());
                Producer<String, RoutingPolicy> policies = new KafkaProducer<>(
                        loop.connection().with(Map.of()),
                        loop.topics().policies().key().serializer(),
                        loop.topics().policies().value().serializer())) {
            int portion = Math.max(1, (to - from + PORTIONS - 1) / PORTIONS);
            for (int next = from; next < to; ) {
                int left = budget - (ledger.totals().annotations() - askedBefore);
                // The last images go one by one once all of them are needed.
                int until = Math.min(to, Math.max(next + 1, Math.min(next + portion, to - left)));
                send(
                        policies,
                        loop.topics(),
                        plan.selection().policy("round-" + round + "-image-" + next, left, to - next),
                        loop.settings().routing().line());
                if (left >= to - next) {
                    until = to;
                }
                for (int i = next; i < until; i++) {
                    PublishReport report = publisher.publish(plan.stream().image(i));
                    if (report.published() != 1) {
                        throw new IOException("image " + i + " was not published: " + report);
                    }
                }
                next = until;
                int published = until;
                await(loop, "the decisions of round " + round, () -> {
                    LoopLedger.Totals totals = ledger.totals();
                    return totals.decided() >= published && totals.openTasks() == 0 && totals.lost() == 0;
                });
                console.status(String.format(
                        Locale.ROOT, "round %d: %d of %d images, %d labels left", round, next - from, to - from, left));
            }
        }
        console.say("Wave " + round + ": " + (to - from) + " images streamed, "
                + (ledger.totals().annotations() - askedBefore) + " of " + budget + " labels spent");
    }

    private static void send(Producer<String, RoutingPolicy> policies, Topics topics, RoutingPolicy policy, String line)
            throws IOException, InterruptedException {
        try {
            policies.send(topics.policies().record(line, policy)).get();
        } catch (ExecutionException e) {
            throw new IOException("the policy " + policy.getVersion() + " could not be published", e);
        }
    }

    private void writeModel(LoopProcess loop, List<ReleaseHistory.Entry> history, Path model) throws IOException {
        List<ModelRelease> champions = new ArrayList<>();
        for (ReleaseHistory.Entry entry : history) {
            if (LoopReport.Round.of(entry).serves()) {
                champions.add(entry.release());
            }
        }
        ModelRelease last = champions.get(champions.size() - 1);
        Path folder = model.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Files.copy(
                loop.store().localFile(last.getArtefact().getReference()), model, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void await(LoopProcess loop, String what, BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_ROUND.toNanos();
        while (!done.getAsBoolean()) {
            loop.requireHealthy();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        what + " did not come within " + LONGEST_ROUND.toMinutes() + " minutes");
            }
            Thread.sleep(TICK_MILLIS);
        }
    }
}
