package io.maskstream.dashboard;

import io.maskstream.dashboard.LoopSnapshot.DeadLetterCard;
import io.maskstream.dashboard.LoopSnapshot.DecisionCard;
import io.maskstream.dashboard.LoopSnapshot.Edge;
import io.maskstream.dashboard.LoopSnapshot.Lag;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.BudgetState;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the events so that the loop can be shown: counts, rates and the last few of each kind, in bounded memory.
 *
 * <p>No Kafka and no clock in here: who feeds it says when. Safe for several threads.
 */
final class LoopState {
    /** Decisions, dead letters and tasks that the page shows. */
    static final int MOST_CARDS = 24;

    private static final int MOST_CAUSE = 400;

    private final PictureCache pictures;
    private final String labelUrl;
    private final Map<String, RateMeter> meters = new TreeMap<>();
    private final Map<String, List<Lag>> lags = new TreeMap<>();
    private final Map<Reason, Long> reasons = new EnumMap<>(Reason.class);
    private final Map<Reason, Route> routes = new EnumMap<>(Reason.class);
    private final Deque<Decision> decisions = new ArrayDeque<>();
    private final Deque<DeadLetterCard> deadLetters = new ArrayDeque<>();
    private final Map<String, Long> deadLettersByStage = new TreeMap<>();
    private final TaskBoard tasks = new TaskBoard();
    private final QualityHistory history = new QualityHistory();
    private final Map<Integer, BudgetState> budgets = new TreeMap<>();
    private long labels;
    private long pseudoLabels;
    private long evaluation;
    private long learntFromStream;
    private final Deque<Instant> recentLabels = new ArrayDeque<>();
    private boolean caughtUp;

    LoopState(PictureCache pictures, String labelUrl) {
        this.pictures = pictures;
        this.labelUrl = labelUrl;
    }

    /** Counts records of a topic, by its short name; {@code live} if they came while looking. */
    synchronized void count(String topic, long records, boolean live, long nowMillis) {
        RateMeter meter = meter(topic);
        if (live) {
            meter.flowed(records, nowMillis);
        } else {
            meter.found(records);
        }
    }

    /** Notes offsets of a topic that were not read. */
    synchronized void skipped(String topic, long offsets) {
        meter(topic).skipped(offsets);
    }

    synchronized void lags(Map<String, List<Lag>> byTopic) {
        lags.clear();
        lags.putAll(byTopic);
    }

    synchronized void caughtUp() {
        caughtUp = true;
    }

    /**
     * Takes in one event.
     *
     * @param partition the record's partition
     * @param key the record's key
     * @param event a generated event
     */
    synchronized void apply(int partition, String key, Object event) {
        if (event instanceof Prediction prediction) {
            pictures.put(prediction);
            history.predicted(prediction.getModelVersion(), prediction.getPredictedAt());
        } else if (event instanceof Decision decision) {
            decided(partition, decision);
        } else if (event instanceof LabelTask task) {
            tasks.task(key, task);
        } else if (event instanceof LabelEvent labelEvent) {
            tasks.event(labelEvent);
        } else if (event instanceof Annotation annotation) {
            tasks.finish(annotation.getTaskId());
        } else if (event instanceof TrainingSample sample) {
            sampled(sample);
        } else if (event instanceof ModelRelease release) {
            history.release(release);
        } else if (event instanceof QualityEvent quality) {
            history.quality(quality);
        } else if (event instanceof DeadLetter letter) {
            refused(letter);
        }
    }

    /** A label task was withdrawn. */
    synchronized void withdrawn(String taskId) {
        tasks.task(taskId, null);
    }

    private void decided(int partition, Decision decision) {
        reasons.merge(decision.getReason(), 1L, Long::sum);
        routes.put(decision.getReason(), decision.getRoute());
        budgets.put(partition, decision.getBudget());
        if (decision.getReason() != Reason.SEED) {
            history.predicted(decision.getModelVersion(), decision.getDecidedAt());
        }
        decisions.addFirst(decision);
        if (decisions.size() > MOST_CARDS) {
            decisions.removeLast();
        }
    }

    private void sampled(TrainingSample sample) {
        if (sample.getSplit() == Split.EVALUATION) {
            evaluation++;
        } else if (sample.getOrigin() == Origin.PSEUDO) {
            pseudoLabels++;
        } else {
            labels++;
        }
        if (sample.getSplit() == Split.TRAIN && sample.getReason() != Reason.SEED) {
            learntFromStream++;
        }
        if (sample.getOrigin() == Origin.HUMAN && sample.getSplit() == Split.TRAIN) {
            recentLabels.addLast(sample.getCreatedAt());
            if (recentLabels.size() > QualityHistory.MOST_POINTS) {
                recentLabels.removeFirst();
            }
        }
    }

    private void refused(DeadLetter letter) {
        deadLettersByStage.merge(letter.getStage(), 1L, Long::sum);
        String cause = letter.getCause();
        deadLetters.addFirst(new DeadLetterCard(
                letter.getStage(),
                letter.getTopic(),
                letter.getPartition(),
                letter.getOffset(),
                cause.length() > MOST_CAUSE ? cause.substring(0, MOST_CAUSE) + "…" : cause,
                letter.getFailedAt()));
        if (deadLetters.size() > MOST_CARDS) {
            deadLetters.removeLast();
        }
    }

    /** Returns everything the page shows but the chart. */
    synchronized LoopSnapshot snapshot(Instant now, @Nullable RoundProgress round) {
        Map<String, Edge> edges = new TreeMap<>();
        long millis = now.toEpochMilli();
        meters.forEach((topic, meter) -> edges.put(
                topic,
                new Edge(
                        meter.perSecond(millis), meter.total(), meter.isExact(), lags.getOrDefault(topic, List.of()))));
        LoopSnapshot.Model model = history.model();
        LoopSnapshot.Learning learning = learning(round);
        LoopSnapshot.Audit audit = history.audit();
        LoopSnapshot.Tasks board = tasks.snapshot(now, MOST_CARDS / 2);
        LoopChart chart = history.chart();
        boolean measured = !chart.releases().isEmpty() || !chart.live().isEmpty();
        RateMeter letters = meters.get("dead-letters");
        return new LoopSnapshot(
                now,
                caughtUp,
                edges,
                model,
                history.rejected(),
                learning,
                audit,
                shares(),
                budget(),
                decisions.stream().map(this::card).toList(),
                board,
                new LoopSnapshot.DeadLetters(
                        letters == null ? 0 : letters.total(),
                        Map.copyOf(deadLettersByStage),
                        List.copyOf(deadLetters)),
                Silence.of(edges, model, learning, audit, board, measured),
                history.revision(),
                labelUrl);
    }

    synchronized int openTasks() {
        return tasks.open();
    }

    /** Returns what the chart draws. */
    synchronized LoopChart chart() {
        return history.chart();
    }

    private LoopSnapshot.Learning learning(@Nullable RoundProgress round) {
        ModelRelease newest = history.newest();
        Instant since = newest == null ? Instant.MIN : newest.getReleasedAt();
        long sinceRelease =
                recentLabels.stream().filter(at -> at.isAfter(since)).count();
        long decided = reasons.values().stream().mapToLong(Long::longValue).sum();
        return new LoopSnapshot.Learning(
                labels,
                pseudoLabels,
                evaluation,
                sinceRelease,
                decided == 0 ? null : Math.min(1.0, (double) learntFromStream / decided),
                round);
    }

    /** Routing divides the label budget over its partitions; together they are what an operator set. */
    private LoopSnapshot.@Nullable Budget budget() {
        if (budgets.isEmpty()) {
            return null;
        }
        double tokens = 0;
        double capacity = 0;
        double tasksPerHour = 0;
        for (BudgetState part : budgets.values()) {
            tokens += part.getTokens();
            capacity += part.getCapacity();
            tasksPerHour += part.getTasksPerHour();
        }
        return new LoopSnapshot.Budget(tokens, capacity, tasksPerHour);
    }

    private List<LoopSnapshot.Share> shares() {
        long all = reasons.values().stream().mapToLong(Long::longValue).sum();
        List<LoopSnapshot.Share> shares = new ArrayList<>();
        reasons.forEach((reason, count) -> shares.add(new LoopSnapshot.Share(
                reason.name(), routes.getOrDefault(reason, Route.SET_ASIDE).name(), count, (double) count / all)));
        shares.sort(Comparator.comparingLong(LoopSnapshot.Share::decisions).reversed());
        return List.copyOf(shares);
    }

    private DecisionCard card(Decision decision) {
        return new DecisionCard(
                decision.getImageId(),
                decision.getSource(),
                decision.getModelVersion(),
                decision.getRoute().name(),
                decision.getReason().name(),
                PlainWords.why(decision),
                decision.getScore(),
                decision.getScoreValue(),
                decision.getDecidedAt(),
                pictures.get(decision.getImageId()) != null);
    }

    private RateMeter meter(String topic) {
        return meters.computeIfAbsent(topic, t -> new RateMeter());
    }
}
