package io.maskstream.inference;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The work between being read and being sent, in the order of each partition.
 *
 * <p>Work may finish in any order; it is handed out in the order in which it was read, so that the offset after the last
 * one handed out says that everything before it was sent too. Used by the loop's thread alone.
 */
final class InFlight {
    private final Map<TopicPartition, Deque<Work>> byPartition = new HashMap<>();
    private int size;

    void add(Work work) {
        byPartition
                .computeIfAbsent(work.partition(), partition -> new ArrayDeque<>())
                .addLast(work);
        size++;
    }

    int size() {
        return size;
    }

    /** Removes and returns the next finished work with nothing unfinished before it in its partition; null if there is none. */
    @Nullable
    Work pollFinished() {
        for (Deque<Work> queue : byPartition.values()) {
            Work first = queue.peekFirst();
            if (first != null && first.outcome() != null) {
                queue.removeFirst();
                size--;
                return first;
            }
        }
        return null;
    }

    /** Forgets all work of some partitions, finished or not. */
    void drop(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            Deque<Work> queue = byPartition.remove(partition);
            if (queue != null) {
                queue.forEach(Work::drop);
                size -= queue.size();
            }
        }
    }

    /** Forgets all work. */
    void dropAll() {
        for (Iterator<Deque<Work>> queues = byPartition.values().iterator(); queues.hasNext(); ) {
            queues.next().forEach(Work::drop);
            queues.remove();
        }
        size = 0;
    }
}
