package io.maskstream.dashboard;

import static io.maskstream.dashboard.LoopEvents.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LoopStateTest {
    private final LoopState state = new LoopState(new PictureCache(1 << 20), "/label");

    @Test
    void saysWhatEachPartWaitsFor_whenNothingHappened() {
        assertThat(snapshot().waits())
                .extracting(LoopSnapshot.Wait::part)
                .containsExactly("publishers", "model", "evaluation", "audit");
        assertThat(snapshot().model()).isNull();
        assertThat(snapshot().learning().share()).isNull();
    }

    @Test
    void fallsSilentOnWaiting_whenEveryPartMoves() {
        for (String topic : List.of("images", "predictions", "decisions")) {
            state.count(topic, 5, true, NOON.toEpochMilli());
        }
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, 0.5, NOON));
        state.apply(0, "k", LoopEvents.quality("v1", QualityArm.AUDIT, 0.9, NOON));
        state.apply(0, "a", sample("a", Origin.HUMAN, Split.TRAIN, Reason.UNCERTAIN, 1));
        assertThat(snapshot().waits()).isEmpty();
    }

    @Test
    void explainsTheColdStart_whenTheModelHasLearntNothing() {
        state.count("images", 5, true, NOON.toEpochMilli());
        state.count("predictions", 5, true, NOON.toEpochMilli());
        state.count("decisions", 5, true, NOON.toEpochMilli());
        state.apply(0, "k", LoopEvents.release("v0", 0, ModelStatus.STARTING, null, NOON));
        assertThat(snapshot().waits())
                .filteredOn(wait -> wait.part().equals("trainer"))
                .singleElement()
                .satisfies(
                        wait -> assertThat(wait.text()).contains("learnt nothing", "no annotation has come back yet"));
    }

    @Test
    void keepsTheLastDecisionsNewestFirst_whenThereAreMany() {
        for (int i = 0; i < 100; i++) {
            state.apply(0, "i" + i, decision("i" + i, Route.LEARN, Reason.CONFIDENT, i));
        }
        List<LoopSnapshot.DecisionCard> cards = snapshot().decisions();
        assertThat(cards).hasSize(LoopState.MOST_CARDS);
        assertThat(cards.get(0).imageId()).isEqualTo("i99");
        assertThat(cards.get(0).why())
                .isEqualTo("Certain: entropy 0.400 is at most 0.100, so the model learns from its own mask.");
        assertThat(cards.get(0).pictures()).isFalse();
    }

    @Test
    void sharesAddUpToOne_whenReasonsDiffer() {
        state.apply(0, "a", decision("a", Route.LEARN, Reason.CONFIDENT, 0));
        state.apply(0, "b", decision("b", Route.ASK_PERSON, Reason.UNCERTAIN, 0));
        state.apply(0, "c", decision("c", Route.ASK_PERSON, Reason.UNCERTAIN, 0));
        state.apply(0, "d", decision("d", Route.SET_ASIDE, Reason.OVER_BUDGET, 0));
        List<LoopSnapshot.Share> shares = snapshot().routing();
        assertThat(shares.get(0)).isEqualTo(new LoopSnapshot.Share("UNCERTAIN", "ASK_PERSON", 2, 0.5));
        assertThat(shares.stream().mapToDouble(LoopSnapshot.Share::share).sum()).isCloseTo(1.0, within(1e-12));
        assertThat(snapshot().budget()).isEqualTo(new LoopSnapshot.Budget(7.5, 20, 60));
        state.apply(1, "e", decision("e", Route.LEARN, Reason.CONFIDENT, 0));
        assertThat(snapshot().budget()).isEqualTo(new LoopSnapshot.Budget(15, 40, 120));
    }

    @Test
    void countsWhatIsLearntFromTheStream_andNotTheSeedSet() {
        state.apply(0, "s", sample("s", Origin.HUMAN, Split.TRAIN, Reason.SEED, 0));
        state.apply(0, "a", sample("a", Origin.HUMAN, Split.TRAIN, Reason.UNCERTAIN, 1));
        state.apply(0, "b", sample("b", Origin.PSEUDO, Split.TRAIN, Reason.CONFIDENT, 2));
        state.apply(0, "c", sample("c", Origin.HUMAN, Split.EVALUATION, Reason.EVALUATION, 3));
        Stream.of("a", "b", "c", "d").forEach(id -> state.apply(0, id, decision(id, Route.LEARN, Reason.CONFIDENT, 0)));
        LoopSnapshot.Learning learning = snapshot().learning();
        assertThat(learning.labels()).isEqualTo(2);
        assertThat(learning.pseudoLabels()).isEqualTo(1);
        assertThat(learning.evaluation()).isEqualTo(1);
        assertThat(learning.share()).isEqualTo(0.5);
    }

    @Test
    void countsLabelsSinceTheLastRelease_whateverBecameOfIt() {
        state.apply(0, "a", sample("a", Origin.HUMAN, Split.TRAIN, Reason.UNCERTAIN, 1));
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.REJECTED, 0.2, NOON.plusSeconds(5)));
        state.apply(0, "b", sample("b", Origin.HUMAN, Split.TRAIN, Reason.UNCERTAIN, 9));
        assertThat(snapshot().learning().sinceRelease()).isEqualTo(1);
    }

    @Test
    void servesTheLastChampion_whenACandidateIsRejectedOrAChampionRetires() {
        state.apply(0, "k", LoopEvents.release("v0", 0, ModelStatus.STARTING, 0.1, NOON));
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, 0.5, NOON.plusSeconds(1)));
        state.apply(0, "k", LoopEvents.release("v2", 2, ModelStatus.REJECTED, 0.3, NOON.plusSeconds(2)));
        assertThat(snapshot().model())
                .satisfies(model -> assertThat(model.version()).isEqualTo("v1"));
        assertThat(snapshot().rejected()).isEqualTo(1);
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.RETIRED, 0.5, NOON.plusSeconds(3)));
        assertThat(snapshot().model())
                .satisfies(model -> assertThat(model.version()).isEqualTo("v0"));
    }

    @Test
    void tellsWhenAModelTookOver_whicheverEventIsReadFirst() {
        state.apply(0, "a", LoopEvents.prediction("a", "v1", 1, NOON.plusSeconds(4)));
        state.apply(0, "b", decision("b", Route.LEARN, Reason.CONFIDENT, 3));
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, 0.5, NOON.plusSeconds(1)));
        state.apply(0, "k", LoopEvents.release("v2", 2, ModelStatus.CHAMPION, 0.6, NOON.plusSeconds(9)));
        assertThat(state.chart().swaps())
                .containsExactly(
                        new LoopChart.Swap("v1", 1, NOON.plusSeconds(1), NOON.plusSeconds(3)),
                        new LoopChart.Swap("v2", 2, NOON.plusSeconds(9), null));
        assertThat(snapshot().model())
                .satisfies(model -> assertThat(model.serving()).isEqualTo("v1"));
    }

    @Test
    void turnsTheAuditsQualityIntoAnError_withItsIntervalTheOtherWayRound() {
        state.apply(0, "k", LoopEvents.quality("v1", QualityArm.RANDOM, 0.5, NOON));
        assertThat(snapshot().audit()).isNull();
        state.apply(0, "k", LoopEvents.quality("v1", QualityArm.AUDIT, 0.9, NOON));
        assertThat(snapshot().audit()).satisfies(audit -> {
            assertThat(audit.error()).isCloseTo(0.1, within(1e-9));
            assertThat(audit.low()).isCloseTo(0.08, within(1e-9));
            assertThat(audit.high()).isCloseTo(0.15, within(1e-9));
            assertThat(audit.pixelError()).isCloseTo(0.1, within(1e-9));
        });
    }

    @Test
    void leavesOutFiguresThatAreNoNumbers_whenNoClassWasPresent() {
        state.apply(0, "k", LoopEvents.quality("v1", QualityArm.RANDOM, Double.NaN, NOON));
        state.apply(0, "k", LoopEvents.quality("v1", QualityArm.AUDIT, Double.NaN, NOON));
        state.apply(0, "k", LoopEvents.release("v1", 1, ModelStatus.CHAMPION, Double.NaN, NOON));
        assertThat(state.chart().live()).isEmpty();
        assertThat(state.chart().releases()).isEmpty();
        assertThat(snapshot().audit()).isNull();
        assertThat(snapshot().model())
                .satisfies(model -> assertThat(model.miou()).isNull());
    }

    @Test
    void thinsTheLiveCurve_whenItGrowsLong() {
        for (int i = 0; i < 5_000; i++) {
            state.apply(0, "k", LoopEvents.quality("v1", QualityArm.RANDOM, 0.5, NOON.plusSeconds(i)));
        }
        List<LoopChart.Point> live = state.chart().live();
        assertThat(live).hasSizeLessThanOrEqualTo(QualityHistory.MOST_POINTS).hasSizeGreaterThan(400);
        assertThat(live.get(live.size() - 1).at()).isEqualTo(NOON.plusSeconds(4_999));
        assertThat(live).isSortedAccordingTo((a, b) -> a.at().compareTo(b.at()));
    }

    @Test
    void keepsOnlyOpenTasks_whateverOrderTheTopicsAreReadIn() {
        state.apply(0, "late", LoopEvents.annotation("late"));
        state.apply(0, "late", LoopEvents.task("late", 1));
        state.apply(0, "low", LoopEvents.task("low", 0.2));
        state.apply(0, "high", LoopEvents.task("high", 0.9));
        state.apply(0, "gone", LoopEvents.task("gone", 0.5));
        state.withdrawn("gone");
        state.apply(0, "bad", LoopEvents.task("bad", 0.5));
        state.apply(0, "bad", LoopEvents.labelEvent("bad", LabelEventKind.REJECTED, null));
        assertThat(snapshot().tasks().first())
                .extracting(LoopSnapshot.Task::taskId)
                .containsExactly("high", "low");
    }

    @Test
    void namesWhoHoldsATask_untilTheLeaseRunsOut() {
        state.apply(0, "a", LoopEvents.task("a", 1));
        state.apply(0, "a", LoopEvents.labelEvent("a", LabelEventKind.CLAIMED, NOON.plusSeconds(60)));
        assertThat(state.snapshot(NOON.plusSeconds(59), null)
                        .tasks()
                        .first()
                        .get(0)
                        .holder())
                .isEqualTo("mara");
        assertThat(state.snapshot(NOON.plusSeconds(61), null)
                        .tasks()
                        .first()
                        .get(0)
                        .holder())
                .isNull();
        assertThat(state.snapshot(NOON.plusSeconds(61), null).waits())
                .filteredOn(wait -> wait.part().equals("people"))
                .singleElement()
                .satisfies(wait -> assertThat(wait.text()).contains("1 label task waits for a person"));
    }

    @Test
    void showsTheCauseOfRefusedRecords_cutWhenItIsLong() {
        state.count("dead-letters", 2, true, NOON.toEpochMilli());
        state.apply(0, "k", LoopEvents.deadLetter("the file is truncated"));
        state.apply(0, "k", LoopEvents.deadLetter("x".repeat(5_000)));
        LoopSnapshot.DeadLetters letters = snapshot().deadLetters();
        assertThat(letters.total()).isEqualTo(2);
        assertThat(letters.byStage()).containsEntry("inference", 2L);
        assertThat(letters.last().get(0).cause()).hasSizeLessThan(500);
        assertThat(letters.last().get(1).cause()).isEqualTo("the file is truncated");
    }

    @Test
    void hasASentenceForEveryReason() {
        for (Reason reason : Reason.values()) {
            String why = PlainWords.why(decision("a", Route.LEARN, reason, 0));
            assertThat(why).as(reason.name()).endsWith(".").hasSizeGreaterThan(20);
        }
    }

    private LoopSnapshot snapshot() {
        return state.snapshot(NOON.plusSeconds(1), null);
    }

    private static Decision decision(String id, Route route, Reason reason, int second) {
        return LoopEvents.decision(id, "v1", route, reason, NOON.plusSeconds(second));
    }

    private static TrainingSample sample(String id, Origin origin, Split split, Reason reason, int second) {
        return LoopEvents.sample(id, origin, split, reason, NOON.plusSeconds(second));
    }
}
