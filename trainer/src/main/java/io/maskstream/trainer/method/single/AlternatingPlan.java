package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.round.Coin;
import io.maskstream.trainer.block.round.HoldOut;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Self-training whose refinement stages learn either from people's labels or from pseudo-labels, never from both.
 *
 * @param human recipe of people's labels
 * @param pseudo recipe of pseudo-labels
 * @param first share of stage 0
 * @param refinements stages after it
 * @param rate of learning in them
 * @param greedy tries both in every stage and keeps the better by a held-out part; otherwise one is drawn
 * @param heldOut share of the annotated images that is held out where it is greedy
 */
record AlternatingPlan(
        Recipe human, Recipe pseudo, double first, int refinements, double rate, boolean greedy, double heldOut)
        implements RoundPlan {
    static final Option STAGES = new Option("stages", 5, 0, 100, "refinement stages after the first; ours");
    static final Option FIRST = new Option(
            "first-share", 4.0 / 9, 0.05, 1, "share of the steps in the first stage; ours: each other 1/4 of it");
    static final Option RATE =
            new Option("refinement-rate", 0.5, 0.01, 10, "learning rate of refinements, a factor; ours");

    /** Returns the plan; with an unlabelled weight of 0 or without other images, learning from annotations alone. */
    static RoundPlan of(MethodSettings settings, Option unlabelledWeight, boolean greedy, double heldOut) {
        double weight = settings.get(unlabelledWeight);
        Recipe alone = Supervision.alone(settings);
        if (weight == 0) {
            return RoundPlan.single(alone);
        }
        Recipe pseudo = Supervision.withStored(
                        Supervision.networks(settings, "average"),
                        Views.weak(),
                        LossTerm.crossEntropy(Reduction.SELECTED),
                        weight)
                .export("average");
        int stages = settings.count(STAGES);
        double first = stages == 0 ? 1 : settings.get(FIRST);
        return RoundPlan.orAlone(
                alone, new AlternatingPlan(alone, pseudo, first, stages, settings.get(RATE), greedy, heldOut));
    }

    @Override
    public Optional<Stage> next(Round round) {
        int done = round.finished().size();
        HoldOut holdOut = HoldOut.of(round.annotated().size(), heldOut, round.seed());
        if (done == 0) {
            Stage start = Stage.of("human-0", first, human).from(Stage.ROUND);
            return Optional.of(greedy ? start.holding(holdOut) : start);
        }
        int stage = greedy ? (done - 1) / 2 + 1 : done;
        if (stage > refinements) {
            return Optional.empty();
        }
        boolean byHuman = greedy ? done % 2 == 1 : isHuman(round, stage);
        double share = (1 - first) / refinements / (greedy ? 2 : 1);
        String before = chosen(round, stage - 1);
        Stage next = Stage.of(name(byHuman, stage), share, byHuman ? human : pseudo)
                .from(before)
                .rated(rate);
        next = greedy ? next.holding(holdOut) : next;
        return Optional.of(byHuman ? next : next.on(round.label(before, Looking.PLAIN)));
    }

    /** Returns the snapshot of a stage that is over: of the two candidates the better, people's labels in a tie. */
    private String chosen(Round round, int stage) {
        if (stage == 0 || !greedy) {
            return name(stage == 0 || isHuman(round, stage), stage);
        }
        double human = round.finished(name(true, stage)).requireScore();
        double pseudo = round.finished(name(false, stage)).requireScore();
        return name(pseudo <= human, stage);
    }

    /** Says what was drawn for a stage; pseudo-labels are not drawn more than twice in a row. */
    private static boolean isHuman(Round round, int stage) {
        return new Coin(round.seed(), 2).heads(stage);
    }

    private static String name(boolean human, int stage) {
        return (human ? "human-" : "pseudo-") + stage;
    }

    @Override
    public List<Recipe> recipes() {
        return refinements == 0 ? List.of(human) : List.of(human, pseudo);
    }

    @Override
    public String exported(Round round) {
        if (!greedy) {
            return round.last();
        }
        String best = chosen(round, 0);
        for (int stage = 1; stage <= (round.finished().size() - 1) / 2; stage++) {
            String candidate = chosen(round, stage);
            best = round.finished(candidate).requireScore()
                            >= round.finished(best).requireScore()
                    ? candidate
                    : best;
        }
        return best;
    }

    @Override
    public Set<String> needed(Round round) {
        Set<String> needed = new HashSet<>(List.of(exported(round), round.last()));
        needed.add(chosen(
                round,
                greedy ? (round.finished().size() - 1) / 2 : round.finished().size() - 1));
        return needed;
    }
}
