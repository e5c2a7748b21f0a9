package io.maskstream.trainer.block;

import java.util.List;

/**
 * What a round does: one stage, or several with recipes of their own.
 *
 * @param stages in order; each starts from the network that the one before exports
 */
public record RoundPlan(List<Stage> stages) {
    public RoundPlan {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a round needs at least one stage");
        }
    }

    /**
     * A part of a round.
     *
     * @param name in logs
     * @param share of the round's steps, above 0; shares are put in proportion
     * @param recipe what runs
     */
    public record Stage(String name, double share, Recipe recipe) {
        public Stage {
            if (!(share > 0)) {
                throw new IllegalArgumentException("stage " + name + " needs a share above 0, not " + share);
            }
        }
    }

    /** Returns a round of one recipe. */
    public static RoundPlan single(Recipe recipe) {
        return new RoundPlan(List.of(new Stage("train", 1, recipe)));
    }

    /** Returns how many of a round's steps each stage takes; their sum is {@code steps}. */
    public List<Integer> steps(int steps) {
        double whole = stages.stream().mapToDouble(Stage::share).sum();
        java.util.ArrayList<Integer> ends = new java.util.ArrayList<>();
        double share = 0;
        int done = 0;
        for (int i = 0; i < stages.size(); i++) {
            share += stages.get(i).share();
            int end = i == stages.size() - 1 ? steps : (int) Math.round(steps * share / whole);
            ends.add(end - done);
            done = end;
        }
        return List.copyOf(ends);
    }

    /** Says whether any stage looks at images without annotation. */
    public boolean usesUnlabelled() {
        return stages.stream().anyMatch(stage -> stage.recipe().usesUnlabelled());
    }
}
