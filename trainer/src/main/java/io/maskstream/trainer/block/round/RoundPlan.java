package io.maskstream.trainer.block.round;

import io.maskstream.trainer.block.Recipe;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a round does: asked for the next stage until there is none.
 *
 * <p>The answer is a function of the plan's settings and of what is finished, and of nothing else; so a round that was stopped in a stage
 * asks again and gets the same stage. The shares of all stages on the way sum to 1, so that every method takes as many steps. A plan
 * belongs to one training.
 */
public interface RoundPlan {

    /**
     * Returns the next stage, or nothing once the shares of the finished ones sum to 1.
     *
     * @param round what is finished, and how to look at it
     */
    Optional<Stage> next(Round round);

    /** Returns the recipes that stages may have, in the order in which they come first; for printing and checking. */
    List<Recipe> recipes();

    /** Returns the snapshot that is released; that of the last stage unless a plan chooses. */
    default String exported(Round round) {
        return round.last();
    }

    /** Returns the snapshots that {@link #next} and {@link #exported} may still ask for; the others are freed. */
    default Set<String> needed(Round round) {
        return round.snapshots();
    }

    /**
     * Returns the snapshots that the next round finds again under {@link Round#before}, if it starts from the version that this one
     * releases.
     */
    default Set<String> kept(Round round) {
        return Set.of();
    }

    /** Says whether any stage looks at images without annotation. */
    default boolean usesUnlabelled() {
        return recipes().stream().anyMatch(Recipe::usesUnlabelled);
    }

    /** Returns a round of one recipe, whose networks and statistics go on in the next round. */
    static RoundPlan single(Recipe recipe) {
        return of(List.of(Stage.of("train", 1, recipe).goingOn()));
    }

    /** Returns a round of fixed stages; their shares sum to 1. */
    static RoundPlan of(List<Stage> stages) {
        return new FixedPlan(stages);
    }

    /** Returns the plan where there are images without annotation, and one stage of a recipe where there is none. */
    static RoundPlan orAlone(Recipe alone, RoundPlan plan) {
        return new PlanOrAlone(alone, plan);
    }

    /**
     * Stages known beforehand.
     *
     * @param stages in order
     */
    record FixedPlan(List<Stage> stages) implements RoundPlan {
        public FixedPlan {
            stages = List.copyOf(stages);
            double sum = stages.stream().mapToDouble(Stage::share).sum();
            if (Math.abs(sum - 1) > Stage.SHARE_TOLERANCE) {
                throw new IllegalArgumentException("the shares of a round's stages sum to 1, not to " + sum);
            }
            Set<String> names = new HashSet<>();
            for (Stage stage : stages) {
                if (!names.add(stage.name())) {
                    throw new IllegalArgumentException("two stages are named " + stage.name());
                }
            }
        }

        @Override
        public Optional<Stage> next(Round round) {
            int done = round.finished().size();
            return done < stages.size() ? Optional.of(stages.get(done)) : Optional.empty();
        }

        @Override
        public List<Recipe> recipes() {
            return stages.stream().map(Stage::recipe).toList();
        }
    }

    /**
     * A plan that needs images without annotation.
     *
     * @param alone what is done without them
     * @param plan what is done with them
     */
    record PlanOrAlone(Recipe alone, RoundPlan plan) implements RoundPlan {
        private RoundPlan chosen(Round round) {
            return round.pool().size() == 0 ? single(alone) : plan;
        }

        @Override
        public Optional<Stage> next(Round round) {
            return chosen(round).next(round);
        }

        @Override
        public List<Recipe> recipes() {
            return plan.recipes();
        }

        @Override
        public String exported(Round round) {
            return chosen(round).exported(round);
        }

        @Override
        public Set<String> needed(Round round) {
            return chosen(round).needed(round);
        }

        @Override
        public Set<String> kept(Round round) {
            return chosen(round).kept(round);
        }

        @Override
        public boolean usesUnlabelled() {
            return plan.usesUnlabelled();
        }
    }
}
