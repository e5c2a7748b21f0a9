package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.loss.DynamicWeight;
import io.maskstream.trainer.block.pool.ClassBalance;
import io.maskstream.trainer.block.pool.LabelMerge;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.HoldOut;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.OverlappingParts;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two networks that were taught different annotations label the pool for each other by turns; the share of labels that count grows to all.
 *
 * @param alone recipe of annotations
 * @param mutual recipe of annotations and stored labels
 * @param turns how often each network learns from the other's labels
 * @param first share of the steps in which the two learn from annotations
 * @param heldOut share of the annotated images by which the better one is found
 * @param rehearsal how labels of an earlier version stay; null if they do not
 */
record DynamicMutualPlan(
        Recipe alone, Recipe mutual, int turns, double first, double heldOut, @Nullable Rehearsal rehearsal)
        implements RoundPlan {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option TURNS =
            new Option("turns", 5, 1, 20, "how often each network learns from the other's labels");
    private static final Option AGREE =
            new Option("gamma-agree", 5, 0, 20, "exponent of the weight where the learner agrees");
    private static final Option DIFFER =
            new Option("gamma-differ", 5, 0, 20, "exponent of the weight where it differs");
    private static final Option FIRST =
            new Option("first-share", 0.4, 0.05, 1, "share of the steps in which both learn from annotations; ours");
    private static final Option HELD_OUT = Option.heldOut();

    private static final List<Option> OPTIONS = List.of(UNLABELLED_WEIGHT, TURNS, AGREE, DIFFER, FIRST, HELD_OUT);
    private static final List<String> SIDES = List.of("a", "b");

    /**
     * What becomes of earlier labels.
     *
     * @param rule where labels differ
     * @param fading factor on an earlier confidence for every turn
     * @param sure confidence of the labels that came with the pool's images, of which only the class is known
     */
    record Rehearsal(LabelMerge rule, double fading, double sure) {}

    /** Returns what a method may be set to that has this plan: the plan's options and its own. */
    static List<Option> options(Option... own) {
        return Supervision.options(
                Stream.concat(OPTIONS.stream(), Stream.of(own)).toArray(Option[]::new));
    }

    /** Returns the plan; with an unlabelled weight of 0 or without other images, learning from annotations alone. */
    static RoundPlan of(MethodSettings settings, @Nullable Rehearsal rehearsal) {
        Recipe alone = Supervision.alone(settings);
        double weight = settings.get(UNLABELLED_WEIGHT);
        if (weight == 0) {
            return RoundPlan.single(alone);
        }
        Recipe mutual = Supervision.andStored(
                settings, Views.weak(), new DynamicWeight(settings.get(AGREE), settings.get(DIFFER)), weight);
        return RoundPlan.orAlone(
                alone,
                new DynamicMutualPlan(
                        alone, mutual, settings.count(TURNS), settings.get(FIRST), settings.get(HELD_OUT), rehearsal));
    }

    @Override
    public Optional<Stage> next(Round round) {
        int done = round.finished().size();
        int turn = done / 2;
        if (turn > turns) {
            return Optional.empty();
        }
        HoldOut holdOut = HoldOut.of(round.annotated().size(), heldOut, round.seed());
        String side = SIDES.get(done % 2);
        Stage stage;
        if (turn == 0) {
            OverlappingParts parts = OverlappingParts.of(holdOut.learned(), round.seed());
            String before = Round.before(name(side, turns));
            stage = Stage.of(name(side, 0), first / 2, alone)
                    .from(round.snapshots().contains(before) ? before : Stage.ROUND)
                    .learning(side.equals("a") ? parts.one() : parts.other());
        } else {
            PoolLabels byA = labels(round, "a", turn - 1);
            PoolLabels byB = labels(round, "b", turn - 1); // both are asked for, so that both are remembered
            PoolLabels given = side.equals("a") ? byB : byA;
            ClassBalance balance = ClassBalance.of(given, round.classes(), (double) turn / turns);
            stage = Stage.of(name(side, turn), (1 - first) / (2 * turns), mutual)
                    .from(name(side, turn - 1))
                    .learning(holdOut.learned())
                    .on(balance.applied(given));
        }
        return Optional.of(turn == turns ? stage.scoredOn(holdOut.held()) : stage);
    }

    private PoolLabels labels(Round round, String side, int turn) {
        return round.remembered(name(side, turn), () -> {
            PoolLabels now = round.label(name(side, turn), Looking.PLAIN);
            if (rehearsal == null) {
                return now;
            }
            PoolLabels before = turn == 0 ? round.brought(rehearsal.sure()) : labels(round, side, turn - 1);
            return rehearsal.rule().merged(now, before.changed((image, label) -> label.fading(rehearsal.fading())));
        });
    }

    private static String name(String side, int turn) {
        return side + "-" + turn;
    }

    @Override
    public List<Recipe> recipes() {
        return List.of(alone, mutual);
    }

    @Override
    public String exported(Round round) {
        String a = name("a", turns);
        String b = name("b", turns);
        return round.finished(b).requireScore() > round.finished(a).requireScore() ? b : a;
    }

    @Override
    public Set<String> kept(Round round) {
        return Set.of(name("a", turns), name("b", turns));
    }

    @Override
    public Set<String> needed(Round round) {
        int done = round.finished().size();
        if (rehearsal != null || done < 2) {
            return round.snapshots(); // all earlier labels have to be made again after a stop
        }
        List<Round.Finished> recent = round.finished().subList(Math.max(0, done - 4), done);
        return recent.stream().map(Round.Finished::name).collect(Collectors.toSet());
    }
}
