package io.maskstream.labeling.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.labeling.task.TaskCommand.Claim;
import io.maskstream.labeling.task.TaskCommand.Expire;
import io.maskstream.labeling.task.TaskCommand.Reject;
import io.maskstream.labeling.task.TaskCommand.Release;
import io.maskstream.labeling.task.TaskCommand.Renew;
import io.maskstream.labeling.task.TaskCommand.Skip;
import io.maskstream.labeling.task.TaskCommand.Submit;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Ending;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.labeling.task.TaskTransition.Annotated;
import io.maskstream.labeling.task.TaskTransition.Changed;
import io.maskstream.labeling.task.TaskTransition.Refused;
import io.maskstream.labeling.task.TaskTransition.Repeated;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskRulesTest {
    private static final TaskState OPEN = new Open(TaskHistory.NONE);

    private final TaskRules rules = new TaskRules(2);

    @Test
    void handsOutALease_whenAnOpenTaskIsClaimed() {
        TaskState state = after(OPEN, claim("ann", 0, 60));
        assertThat(state).isInstanceOf(Claimed.class);
        assertThat(((Claimed) state).lease()).isEqualTo(new TaskState.Lease("ann", at(0), at(60)));
    }

    @Test
    void keepsTheFirst_whenTwoClaim() {
        TaskState claimed = after(OPEN, claim("ann", 0, 60));
        TaskTransition second = rules.apply(claimed, claim("bob", 1, 61));
        assertThat(second.verdict()).isEqualTo(Verdict.refused("somebody else is working on it"));
        assertThat(((Claimed) nextOf(second)).lease().annotator()).isEqualTo("ann");
    }

    @Test
    void givesTheTaskToAnother_whenTheLeaseIsOver() {
        TaskState claimed = after(OPEN, claim("ann", 0, 60));
        assertThat(((Claimed) after(claimed, claim("bob", 60, 120))).lease().annotator())
                .isEqualTo("bob");
    }

    @Test
    void movesTheEndForwardOnly_whenRenewed() {
        TaskState claimed = after(OPEN, claim("ann", 0, 60));
        TaskState renewed = after(claimed, new Renew("r1", "ann", at(30), at(90)));
        assertThat(((Claimed) renewed).lease().until()).isEqualTo(at(90));
        TaskState late = after(renewed, new Renew("r0", "ann", at(10), at(70)));
        assertThat(((Claimed) late).lease().until()).isEqualTo(at(90));
    }

    @Test
    void refusesToRenew_whenTheTaskIsNotHeld() {
        assertThat(rules.apply(OPEN, new Renew("r", "ann", at(0), at(60))).verdict())
                .isEqualTo(Verdict.refused("your lease ran out"));
        TaskState others = after(OPEN, claim("bob", 0, 60));
        assertThat(rules.apply(others, new Renew("r", "ann", at(1), at(60))).verdict())
                .isEqualTo(Verdict.refused("your lease ran out and somebody else is working on it"));
    }

    @Test
    void opensAgain_whenTheLeaseRanOut() {
        TaskState claimed = after(OPEN, claim("ann", 0, 60));
        assertThat(after(claimed, new Expire("e", at(60)))).isInstanceOf(Open.class);
    }

    @Test
    void staysClaimed_whenARenewalCameBeforeTheExpiry() {
        TaskState renewed = after(after(OPEN, claim("ann", 0, 60)), new Renew("r", "ann", at(59), at(119)));
        assertThat(rules.apply(renewed, new Expire("e", at(61)))).isInstanceOf(Refused.class);
        assertThat(after(renewed, new Expire("e", at(61)))).isInstanceOf(Claimed.class);
    }

    @Test
    void annotates_whenTheHolderSubmits() {
        TaskTransition transition = rules.apply(after(OPEN, claim("ann", 0, 60)), submit("s", "ann", 30));
        assertThat(transition).isInstanceOf(Annotated.class);
        Submitted submitted = ((Annotated) transition).next();
        assertThat(submitted.annotator()).isEqualTo("ann");
        assertThat(submitted.at()).isEqualTo(at(30));
        assertThat(submitted.secondsSpent()).isEqualTo(12.5);
    }

    @Test
    void annotates_whenTheLeaseWasLostAndNobodyTookTheTask() {
        TaskState lost = after(after(OPEN, claim("ann", 0, 60)), new Expire("e", at(61)));
        assertThat(rules.apply(lost, submit("s", "ann", 90))).isInstanceOf(Annotated.class);
    }

    @Test
    void annotates_whenAnotherHeldItOnceButHisLeaseIsOver() {
        TaskState others = after(OPEN, claim("bob", 0, 60));
        assertThat(rules.apply(others, submit("s", "ann", 60))).isInstanceOf(Annotated.class);
    }

    @Test
    void refusesTheMask_whenAnotherHoldsTheTask() {
        TaskState others = after(OPEN, claim("bob", 0, 60));
        TaskTransition transition = rules.apply(others, submit("s", "ann", 30));
        assertThat(transition).isInstanceOf(Refused.class);
        assertThat(transition.verdict().reason()).contains("somebody else is working on it");
    }

    @Test
    void refusesASecondMask_whenTheTaskHasItsAnnotation() {
        TaskState done = after(after(OPEN, claim("ann", 0, 60)), submit("s", "ann", 30));
        TaskTransition second = rules.apply(done, submit("s2", "ann", 31));
        assertThat(second).isInstanceOf(Refused.class);
        assertThat(second.verdict().reason()).isEqualTo("it already has its annotation");
    }

    @Test
    void givesTheFirstAnswer_whenARequestIsRepeated() {
        TaskState claimed = after(OPEN, claim("ann", 0, 60));
        TaskState done = after(claimed, submit("s", "ann", 30));
        assertThat(rules.apply(done, submit("s", "ann", 30))).isEqualTo(new Repeated(Verdict.ACCEPTED));

        TaskState refused = after(claimed, submit("t", "bob", 31));
        TaskState open = after(refused, new Release("r", "ann", at(32)));
        assertThat(rules.apply(open, submit("t", "bob", 31)).verdict().accepted())
                .isFalse();
    }

    @Test
    void tellsTwoPeopleApart_whenTheyChoseTheSameRequestId() {
        TaskState claimed = after(OPEN, new Claim("1", "ann", at(0), at(60)));
        assertThat(rules.apply(claimed, new Claim("1", "bob", at(1), at(61)))).isInstanceOf(Refused.class);
    }

    @Test
    void endsTheTask_whenEnoughPeopleSkippedIt() {
        TaskState one = after(after(OPEN, claim("ann", 0, 60)), new Skip("k1", "ann", at(1)));
        assertThat(one).isInstanceOf(Open.class);
        assertThat(one.history().skippedBy()).containsExactly("ann");
        TaskState two = after(after(one, claim("bob", 2, 60)), new Skip("k2", "bob", at(3)));
        assertThat(((Ended) two).why()).isEqualTo(Ending.SKIPPED);
        assertThat(rules.apply(two, submit("s", "cat", 4)).verdict().accepted()).isFalse();
    }

    @Test
    void countsAPersonOnce_whenTheySkipTwice() {
        TaskState once = after(after(OPEN, claim("ann", 0, 60)), new Skip("k1", "ann", at(1)));
        TaskState twice = after(after(once, new Claim("c2", "ann", at(2), at(60))), new Skip("k2", "ann", at(3)));
        assertThat(twice).isInstanceOf(Open.class);
    }

    @Test
    void opensAgain_whenReleased() {
        assertThat(after(after(OPEN, claim("ann", 0, 60)), new Release("r", "ann", at(1))))
                .isInstanceOf(Open.class);
    }

    @Test
    void endsTheTask_whenRejected() {
        TaskState ended = after(after(OPEN, claim("ann", 0, 60)), new Reject("r", "ann", at(1)));
        assertThat(((Ended) ended).why()).isEqualTo(Ending.REJECTED);
        assertThat(rules.arrived(ended)).isSameAs(ended);
    }

    @Test
    void refusesEverything_whenTheTaskIsNotKnown() {
        TaskTransition transition = rules.apply(null, claim("ann", 0, 60));
        assertThat(transition.verdict()).isEqualTo(Verdict.refused("there is no such task"));
        assertThat(TaskTransition.nextOf(transition)).isNull();
    }

    @Test
    void opensAgain_whenAWithdrawnTaskComesBack() {
        TaskState withdrawn = rules.withdrawn(after(OPEN, claim("ann", 0, 60)));
        assertThat(withdrawn).isInstanceOf(Ended.class);
        assertThat(rules.arrived(withdrawn)).isInstanceOf(Open.class);
        assertThat(rules.withdrawn(null)).isNull();
    }

    @Test
    void keepsTheAnnotation_whenTheTaskIsWithdrawnOrAskedAgain() {
        TaskState done = after(after(OPEN, claim("ann", 0, 60)), submit("s", "ann", 30));
        assertThat(rules.withdrawn(done)).isSameAs(done);
        assertThat(rules.arrived(done)).isSameAs(done);
    }

    @Test
    void remembersOnlySoMuch_whenThereAreManyRequests() {
        TaskState state = OPEN;
        for (int i = 0; i < 3 * TaskHistory.MAX_ANSWERED; i++) {
            state = after(state, new Claim("c" + i, "ann", at(i), at(i + 60)));
        }
        assertThat(state.history().answered()).hasSize(TaskHistory.MAX_ANSWERED);
    }

    @Test
    void handlesEveryKind_whenTheFamiliesGrow() {
        assertThat(TaskCommand.class.getPermittedSubclasses())
                .containsExactlyInAnyOrder(
                        Claim.class, Renew.class, Submit.class, Skip.class, Release.class, Reject.class, Expire.class);
        assertThat(Set.of(TaskTransition.class.getPermittedSubclasses()))
                .isEqualTo(Set.of(Changed.class, Annotated.class, Repeated.class, Refused.class));
        assertThat(Set.of(TaskState.class.getPermittedSubclasses()))
                .isEqualTo(Set.of(Open.class, Claimed.class, Submitted.class, Ended.class));
    }

    @Test
    void refusesALeaseThatEndsBeforeItStarts() {
        assertThatThrownBy(() -> new TaskState.Lease("ann", at(5), at(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot end");
        assertThatThrownBy(() -> new TaskRules(0)).hasMessageContaining("maxSkips is 0");
    }

    private TaskState after(TaskState state, TaskCommand command) {
        @Nullable TaskState next = TaskTransition.nextOf(rules.apply(state, command));
        return next == null ? state : next;
    }

    private static TaskState nextOf(TaskTransition transition) {
        @Nullable TaskState next = TaskTransition.nextOf(transition);
        assertThat(next).isNotNull();
        return next == null ? OPEN : next;
    }

    private static Claim claim(String who, int at, int until) {
        return new Claim("claim-" + who + at, who, at(at), at(until));
    }

    private static Submit submit(String requestId, String who, int at) {
        return new Submit(requestId, who, at(at), 12.5);
    }

    private static Instant at(int second) {
        return Instant.ofEpochSecond(1_000_000L + second);
    }
}
