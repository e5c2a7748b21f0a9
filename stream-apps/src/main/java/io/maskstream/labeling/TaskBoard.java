package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskState;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Ending;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.labeling.task.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of this process in the order in which people get them: largest priority first, then oldest.
 *
 * <p>A view in memory. The store of the topology is the truth: the board is filled from it when a partition starts, and follows
 * every change. It also says when a request has come out of the log. Safe for use from several threads.
 */
final class TaskBoard {
    private static final Comparator<Row> ORDER = Comparator.comparingDouble((Row row) -> -row.priority)
            .thenComparing(row -> row.createdAt)
            .thenComparing(row -> row.taskId);

    private final Map<Integer, Shelf> shelves = new HashMap<>();
    private final Map<String, Row> live = new HashMap<>();
    private final TreeSet<Row> open = new TreeSet<>(ORDER);
    private final TreeSet<Row> openByAge =
            new TreeSet<>(Comparator.comparing((Row row) -> row.createdAt).thenComparing(row -> row.taskId));
    private final Set<String> reserved = new HashSet<>();
    private final Map<Request, CompletableFuture<Verdict>> awaited = new HashMap<>();

    /** What is counted of one annotator, or of all. */
    record Counts(
            int open,
            int claimed,
            int submitted,
            int ended,
            int claimedByYou,
            int submittedByYou,
            double secondsByYou,
            int leftForYou,
            double oldestSeconds) {}

    private record Row(String taskId, int partition, double priority, Instant createdAt, TaskState state) {}

    private record Request(String annotator, String requestId) {}

    /** What a partition has behind it. */
    private static final class Shelf {
        private final Map<String, Integer> submittedBy = new HashMap<>();
        private final Map<String, Double> secondsBy = new HashMap<>();
        private int submitted;
        private int ended;
    }

    /**
     * Takes note of a task's new state.
     *
     * @param before the state before, as the store had it; null for a task that is new to this process
     */
    synchronized void update(
            int partition,
            String taskId,
            double priority,
            Instant createdAt,
            @Nullable TaskState before,
            TaskState state) {
        forget(taskId);
        Shelf shelf = shelves.computeIfAbsent(partition, unused -> new Shelf());
        if (state instanceof Open || state instanceof Claimed) {
            Row row = new Row(taskId, partition, priority, createdAt, state);
            live.put(taskId, row);
            if (state instanceof Open) {
                open.add(row);
                openByAge.add(row);
            }
        } else if (state instanceof Submitted submitted && !(before instanceof Submitted)) {
            shelf.submitted++;
            shelf.submittedBy.merge(submitted.annotator(), 1, Integer::sum);
            shelf.secondsBy.merge(submitted.annotator(), submitted.secondsSpent(), Double::sum);
        } else if (state instanceof Ended ended && ended.why() != Ending.WITHDRAWN && !(before instanceof Ended)) {
            shelf.ended++;
        }
    }

    /** Forgets a partition that this process no longer has. */
    synchronized void removePartition(int partition) {
        shelves.remove(partition);
        List<String> gone = live.values().stream()
                .filter(row -> row.partition == partition)
                .map(Row::taskId)
                .toList();
        gone.forEach(this::forget);
    }

    private void forget(String taskId) {
        Row row = live.remove(taskId);
        if (row != null) {
            open.remove(row);
            openByAge.remove(row);
        }
    }

    /**
     * Picks the first open task that this annotator has not passed on, and keeps it back from others until
     * {@link #unreserve}; so two requests at once never get the same task.
     */
    synchronized Optional<String> reserve(String annotator) {
        for (Row row : open) {
            if (!row.state.history().skippedBy().contains(annotator) && reserved.add(row.taskId)) {
                return Optional.of(row.taskId);
            }
        }
        return Optional.empty();
    }

    /** Ends a reservation, whether it became a claim or not. */
    synchronized void unreserve(String taskId) {
        reserved.remove(taskId);
    }

    /** Returns the tasks that an annotator holds, the ones claimed first first. */
    synchronized List<String> heldBy(String annotator) {
        return live.values().stream()
                .filter(row -> row.state instanceof Claimed claimed
                        && claimed.lease().annotator().equals(annotator))
                .sorted(Comparator.comparing(
                        row -> ((Claimed) row.state).lease().since()))
                .map(Row::taskId)
                .toList();
    }

    /** Returns the lease of a task, if somebody holds it. */
    synchronized Optional<TaskState.Lease> lease(String taskId) {
        Row row = live.get(taskId);
        return row != null && row.state instanceof Claimed claimed ? Optional.of(claimed.lease()) : Optional.empty();
    }

    /** Returns the task that an annotator holds through an earlier request of this id. */
    synchronized Optional<String> claimedBy(String annotator, String requestId) {
        return live.values().stream()
                .filter(row -> row.state instanceof Claimed claimed
                        && claimed.lease().annotator().equals(annotator)
                        && row.state.history().verdictOn(annotator, requestId) != null)
                .map(Row::taskId)
                .findFirst();
    }

    /** Returns a promise of the verdict on a request; to be asked for before the request is written to the log. */
    synchronized CompletableFuture<Verdict> expect(String annotator, String requestId) {
        return awaited.computeIfAbsent(new Request(annotator, requestId), unused -> new CompletableFuture<>());
    }

    /** Gives up waiting for a request. */
    synchronized void giveUp(String annotator, String requestId) {
        awaited.remove(new Request(annotator, requestId));
    }

    /** Tells whoever waits that a request came out of the log. */
    void answered(String annotator, String requestId, Verdict verdict) {
        CompletableFuture<Verdict> promise;
        synchronized (this) {
            promise = awaited.remove(new Request(annotator, requestId));
        }
        if (promise != null) {
            promise.complete(verdict);
        }
    }

    synchronized int open() {
        return open.size();
    }

    synchronized int claimed() {
        return live.size() - open.size();
    }

    /** Returns the age of the oldest open task, zero if there is none. */
    synchronized Duration oldestAge(Instant now) {
        if (openByAge.isEmpty()) {
            return Duration.ZERO;
        }
        Duration age = Duration.between(openByAge.first().createdAt, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** Returns the counts, with those of one annotator. */
    synchronized Counts counts(String annotator, Instant now) {
        int submitted = 0;
        int ended = 0;
        int mine = 0;
        double seconds = 0;
        for (Shelf shelf : shelves.values()) {
            submitted += shelf.submitted;
            ended += shelf.ended;
            mine += shelf.submittedBy.getOrDefault(annotator, 0);
            seconds += shelf.secondsBy.getOrDefault(annotator, 0.0);
        }
        int left = 0;
        for (Row row : open) {
            if (!row.state.history().skippedBy().contains(annotator)) {
                left++;
            }
        }
        return new Counts(
                open.size(),
                live.size() - open.size(),
                submitted,
                ended,
                heldBy(annotator).size(),
                mine,
                seconds,
                left,
                oldestAge(now).toMillis() / 1000.0);
    }
}
