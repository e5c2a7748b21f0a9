package io.maskstream.labeling;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.labeling.task.TaskHistory;
import io.maskstream.labeling.task.TaskState;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Ending;
import io.maskstream.labeling.task.TaskState.Lease;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.labeling.task.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TaskBoardTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000_000L);
    private static final TaskState OPEN = new Open(TaskHistory.NONE);

    private final TaskBoard board = new TaskBoard();

    @Test
    void ordersByPriorityThenAge() {
        put("new", 0.5, 10, OPEN);
        put("old", 0.5, 0, OPEN);
        put("urgent", 0.6, 20, OPEN);
        assertThat(board.reserve("ann")).contains("urgent");
        assertThat(board.reserve("ann")).contains("old");
        assertThat(board.reserve("ann")).contains("new");
        assertThat(board.reserve("ann")).isEmpty();
    }

    @Test
    void leavesOut_whatAPersonPassedOn() {
        put("img", 0.5, 0, new Open(new TaskHistory(List.of(), List.of("ann"))));
        assertThat(board.reserve("ann")).isEmpty();
        assertThat(board.counts("ann", NOW).leftForYou()).isZero();
        assertThat(board.reserve("bob")).contains("img");
    }

    @Test
    void followsAPriority_whenItChanges() {
        put("a", 0.5, 0, OPEN);
        put("b", 0.6, 0, OPEN);
        board.update(0, "a", 0.9, NOW, OPEN, OPEN);
        assertThat(board.reserve("ann")).contains("a");
        assertThat(board.open()).isEqualTo(2);
    }

    @Test
    void countsEachAnnotationOnce_whenItsHistoryGrows() {
        put("img", 0.5, 0, OPEN);
        TaskState done = new Submitted("ann", NOW, 7, TaskHistory.NONE);
        board.update(0, "img", 0.5, NOW, OPEN, done);
        board.update(0, "img", 0.5, NOW, done, new Submitted("ann", NOW, 7, TaskHistory.NONE));
        TaskBoard.Counts counts = board.counts("ann", NOW);
        assertThat(counts.submitted()).isEqualTo(1);
        assertThat(counts.submittedByYou()).isEqualTo(1);
        assertThat(counts.secondsByYou()).isEqualTo(7);
        assertThat(board.counts("bob", NOW).submittedByYou()).isZero();
    }

    @Test
    void forgetsAPartition_whenItIsTakenAway() {
        board.update(0, "here", 0.5, NOW, null, OPEN);
        board.update(1, "there", 0.5, NOW, null, new Claimed(lease("ann"), TaskHistory.NONE));
        board.update(1, "ended", 0.5, NOW, null, new Ended(Ending.REJECTED, TaskHistory.NONE));
        assertThat(board.counts("ann", NOW).ended()).isEqualTo(1);
        board.removePartition(1);
        assertThat(board.claimed()).isZero();
        assertThat(board.counts("ann", NOW).ended()).isZero();
        assertThat(board.heldBy("ann")).isEmpty();
        assertThat(board.open()).isEqualTo(1);
    }

    @Test
    void measuresTheAgeOfTheOldestOpenTask() {
        assertThat(board.oldestAge(NOW)).isZero();
        put("old", 0.1, 0, OPEN);
        put("new", 0.9, 50, OPEN);
        assertThat(board.oldestAge(NOW.plusSeconds(60))).isEqualTo(Duration.ofSeconds(60));
        board.update(0, "old", 0.1, NOW, OPEN, new Claimed(lease("ann"), TaskHistory.NONE));
        assertThat(board.oldestAge(NOW.plusSeconds(60))).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void tellsWhoeverWaits_whenTheirRequestIsFolded() {
        CompletableFuture<Verdict> mine = board.expect("ann", "r1");
        CompletableFuture<Verdict> others = board.expect("bob", "r1");
        board.answered("ann", "r1", Verdict.ACCEPTED);
        assertThat(mine).isCompletedWithValue(Verdict.ACCEPTED);
        assertThat(others).isNotDone();
    }

    private void put(String id, double priority, int secondsLater, TaskState state) {
        board.update(0, id, priority, NOW.plusSeconds(secondsLater), null, state);
    }

    private static Lease lease(String who) {
        return new Lease(who, NOW, NOW.plusSeconds(60));
    }
}
