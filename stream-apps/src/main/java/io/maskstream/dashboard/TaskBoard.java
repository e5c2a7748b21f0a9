package io.maskstream.dashboard;

import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which label tasks are open, from tasks, label events and annotations that may be read in any order.
 *
 * <p>Bounded: the ids of finished tasks are forgotten from the oldest, and tasks beyond {@link #MOST_TASKS} are counted
 * out from the oldest too.
 */
final class TaskBoard {
    /** Most open tasks that are kept one by one. */
    static final int MOST_TASKS = 20_000;

    /** Most finished ids that are remembered, in case the task itself is read later. */
    static final int MOST_FINISHED = 100_000;

    private static final Comparator<Entry> FIRST = Comparator.comparingDouble((Entry e) -> -e.priority)
            .thenComparing(e -> e.createdAt)
            .thenComparing(e -> e.taskId);

    private final Map<String, Entry> open = new LinkedHashMap<>();
    private final Map<String, Lease> leases = new LinkedHashMap<>();
    private final Set<String> finished = new LinkedHashSet<>();

    private record Entry(String taskId, String source, String reason, double priority, Instant createdAt) {}

    private record Lease(String holder, @Nullable Instant until) {}

    /** Takes a task in; null withdraws it. */
    void task(String taskId, @Nullable LabelTask task) {
        if (task == null) {
            finish(taskId);
        } else if (!finished.contains(taskId)) {
            open.put(
                    taskId,
                    new Entry(
                            taskId,
                            task.getSource(),
                            task.getReason().name(),
                            task.getPriority(),
                            task.getCreatedAt()));
            dropOldest(open.keySet(), MOST_TASKS);
        }
    }

    /** Follows what happened to a task. */
    void event(LabelEvent event) {
        switch (event.getKind()) {
            case CLAIMED, RENEWED -> {
                leases.remove(event.getTaskId());
                leases.put(event.getTaskId(), new Lease(event.getAnnotator(), event.getLeaseUntil()));
                dropOldest(leases.keySet(), MOST_TASKS);
            }
            case SKIPPED, RETURNED -> leases.remove(event.getTaskId());
            case SUBMITTED, REJECTED -> finish(event.getTaskId());
        }
    }

    /** The task was answered or given up. */
    void finish(String taskId) {
        open.remove(taskId);
        leases.remove(taskId);
        finished.add(taskId);
        dropOldest(finished, MOST_FINISHED);
    }

    int open() {
        return open.size();
    }

    /** Returns the board with the first tasks by priority, then age. */
    LoopSnapshot.Tasks snapshot(Instant now, int most) {
        List<LoopSnapshot.Task> first = open.values().stream()
                .sorted(FIRST)
                .limit(most)
                .map(e -> new LoopSnapshot.Task(
                        e.taskId, e.source, e.reason, e.priority, e.createdAt, holder(e.taskId, now)))
                .toList();
        int held = (int)
                open.keySet().stream().filter(id -> holder(id, now) != null).count();
        return new LoopSnapshot.Tasks(open.size(), held, first);
    }

    private @Nullable String holder(String taskId, Instant now) {
        Lease lease = leases.get(taskId);
        if (lease == null || (lease.until != null && lease.until.isBefore(now))) {
            return null;
        }
        return lease.holder;
    }

    private static void dropOldest(Set<String> ids, int most) {
        while (ids.size() > most) {
            ids.remove(ids.iterator().next());
        }
    }
}
