package io.maskstream.labeling.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.labeling.task.TaskCommand.Claim;
import io.maskstream.labeling.task.TaskCommand.Expire;
import io.maskstream.labeling.task.TaskCommand.Reject;
import io.maskstream.labeling.task.TaskCommand.Release;
import io.maskstream.labeling.task.TaskCommand.Renew;
import io.maskstream.labeling.task.TaskCommand.Skip;
import io.maskstream.labeling.task.TaskCommand.Submit;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.labeling.task.TaskTransition.Annotated;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Whatever people and networks do to a task, in whatever order: one annotation at most, and never a task that is stuck. */
class TaskRulesPropertyTest {
    private static final Instant START = Instant.ofEpochSecond(1_000_000L);
    private static final int LEASE = 30;

    private final TaskRules rules = new TaskRules(2);

    /** One thing that happens: some seconds pass, then somebody asks for something, under a new or a known request id. */
    record Happening(int kind, String annotator, int requestId, int secondsLater) {}

    @Property(tries = 3000)
    void annotatesAtMostOnce_whateverHappens(@ForAll("stories") List<Happening> story) {
        TaskState state = rules.arrived(null);
        int annotations = 0;
        Instant now = START;
        for (Happening happening : story) {
            now = now.plusSeconds(happening.secondsLater());
            TaskState before = state;
            TaskTransition transition = rules.apply(state, command(happening, now));
            if (transition instanceof Annotated) {
                annotations++;
                assertThat(before).isNotInstanceOfAny(Submitted.class, Ended.class);
            }
            @Nullable TaskState next = TaskTransition.nextOf(transition);
            state = next == null ? state : next;
            if (before instanceof Submitted first) {
                assertThat(state).isInstanceOfSatisfying(Submitted.class, still -> assertThat(still.annotator())
                        .isEqualTo(first.annotator()));
            }
        }
        assertThat(annotations).isEqualTo(state instanceof Submitted ? 1 : 0);
    }

    @Property(tries = 3000)
    void isNeverStuck_whateverHappened(@ForAll("stories") List<Happening> story) {
        TaskState state = rules.arrived(null);
        Instant now = START;
        for (Happening happening : story) {
            now = now.plusSeconds(happening.secondsLater());
            @Nullable TaskState next = TaskTransition.nextOf(rules.apply(state, command(happening, now)));
            state = next == null ? state : next;
        }
        Instant later = now.plusSeconds(10L * LEASE);
        @Nullable TaskState opened = TaskTransition.nextOf(rules.apply(state, new Expire("end", later)));
        TaskState end = opened == null ? state : opened;
        assertThat(end).isNotInstanceOf(Claimed.class);
        if (end instanceof Open) {
            assertThat(rules.apply(end, new Submit("last", "zoe", later, 1))).isInstanceOf(Annotated.class);
        }
    }

    @Property(tries = 1000)
    void endsTheSame_whenEveryRequestIsSentTwice(@ForAll("stories") List<Happening> story) {
        List<Happening> fresh = new ArrayList<>();
        for (int i = 0; i < Math.min(story.size(), TaskHistory.MAX_ANSWERED); i++) {
            Happening happening = story.get(i);
            fresh.add(new Happening(happening.kind(), happening.annotator(), i, happening.secondsLater()));
        }
        assertThat(endOf(fresh, 2)).isEqualTo(endOf(fresh, 1));
    }

    /** Folds a story with each request sent some times; refused requests are left out of the comparison of histories. */
    private String endOf(List<Happening> story, int times) {
        TaskState state = rules.arrived(null);
        Instant now = START;
        int annotations = 0;
        for (Happening happening : story) {
            now = now.plusSeconds(happening.secondsLater());
            for (int i = 0; i < times; i++) {
                TaskTransition transition = rules.apply(state, command(happening, now));
                annotations += transition instanceof Annotated ? 1 : 0;
                @Nullable TaskState next = TaskTransition.nextOf(transition);
                state = next == null ? state : next;
            }
        }
        String holder = state instanceof Claimed claimed ? claimed.lease().toString() : "";
        return state.getClass().getSimpleName() + holder + state.history().skippedBy() + annotations;
    }

    @Provide
    Arbitrary<List<Happening>> stories() {
        Arbitrary<Happening> happenings = Combinators.combine(
                        Arbitraries.integers().between(0, 6),
                        Arbitraries.of("ann", "bob", "cat"),
                        Arbitraries.integers().between(0, 12),
                        Arbitraries.integers().between(0, 25))
                .as(Happening::new);
        return happenings.list().ofMaxSize(40);
    }

    private static TaskCommand command(Happening what, Instant now) {
        String id = "r" + what.requestId();
        String who = what.annotator();
        return switch (what.kind()) {
            case 0 -> new Claim(id, who, now, now.plusSeconds(LEASE));
            case 1 -> new Renew(id, who, now, now.plusSeconds(LEASE));
            case 2 -> new Skip(id, who, now);
            case 3 -> new Release(id, who, now);
            case 4 -> new Submit(id, who, now, 1);
            case 5 -> new Expire(id, now);
            default ->
                what.requestId() == 0 ? new Reject(id, who, now) : new Claim(id, who, now, now.plusSeconds(LEASE));
        };
    }
}
