package io.maskstream.trainer.block;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A learning method as a composition: which networks there are, how they see the images, who labels for whom, what is made
 * smaller, and how weights move. One loop runs any recipe.
 *
 * <p>A step: draw every input's view; then for each phase let its givers label, sum its objectives, take one optimiser step for every
 * trained network that had a part in them, and move weights.
 *
 * @param members the networks, each a copy of the starting one
 * @param inputs how images are seen, parents first
 * @param phases what is done in a step, in order; nearly always one
 * @param exported the member that is released
 */
public record Recipe(List<Member> members, List<Input> inputs, List<Phase> phases, String exported) {
    /** The stream of annotated images, as they are stored. */
    public static final String LABELLED = "labelled";

    /** The stream of images without annotation, as they are stored. */
    public static final String UNLABELLED = "unlabelled";

    /** As a target: the label that came with the images, an annotation or a stored pseudo-label. */
    public static final String OWN = "own";

    public Recipe {
        members = List.copyOf(members);
        inputs = List.copyOf(inputs);
        phases = List.copyOf(phases);
        check(members, inputs, phases, exported);
    }

    /**
     * A network with a part in the recipe.
     *
     * @param name such as {@code student}
     * @param trained whether the optimiser changes it
     */
    public record Member(String name, boolean trained) {}

    /**
     * A way in which images are seen.
     *
     * @param name such as {@code strong}
     * @param parent another input, or {@link #LABELLED} or {@link #UNLABELLED}
     * @param view on what the parent shows
     */
    public record Input(String name, String parent, View view) {}

    /**
     * One labelling.
     *
     * @param name by which objectives refer to it
     * @param givers the members that look
     * @param input what they look at
     * @param training whether they look in training mode; nearly always not
     * @param labeler how their outputs become one label
     * @param refinements the chain after it
     */
    public record Labelling(
            String name,
            List<String> givers,
            String input,
            boolean training,
            Labeler labeler,
            List<Refinement> refinements) {
        public Labelling {
            givers = List.copyOf(givers);
            refinements = List.copyOf(refinements);
        }

        /** Returns a labelling by one giver in evaluation mode, by its most probable class. */
        public static Labelling by(String giver, String name, String input, Refinement... refinements) {
            return new Labelling(name, List.of(giver), input, false, Labeler.argmax(), List.of(refinements));
        }
    }

    /**
     * One thing to make smaller.
     *
     * @param name in logs and metrics
     * @param learner the member that learns
     * @param input what it looks at
     * @param target a labelling made on that input or one it descends from, or {@link #OWN}
     * @param term the loss
     * @param weight of the loss; where it is 0 the term is not computed
     */
    public record Objective(String name, String learner, String input, String target, LossTerm term, Schedule weight) {}

    /**
     * One moving of weights.
     *
     * @param from the member that gives
     * @param to the member that changes
     * @param how the rule
     */
    public record Transfer(String from, String to, WeightTransfer how) {}

    /**
     * A part of a step that ends with an optimiser step.
     *
     * @param labellings made first
     * @param objectives summed
     * @param transfers after the optimiser step, in order
     */
    public record Phase(List<Labelling> labellings, List<Objective> objectives, List<Transfer> transfers) {
        public Phase {
            labellings = List.copyOf(labellings);
            objectives = List.copyOf(objectives);
            transfers = List.copyOf(transfers);
        }
    }

    /** Returns the input of a name. */
    public Optional<Input> input(String name) {
        return inputs.stream().filter(input -> input.name().equals(name)).findFirst();
    }

    /** Returns an input's chain from the stream it comes from, the stream's own name first. */
    public List<String> lineage(String name) {
        List<String> chain = new ArrayList<>();
        Optional<Input> input = input(name);
        if (input.isPresent()) {
            chain.addAll(lineage(input.get().parent()));
        }
        chain.add(name);
        return chain;
    }

    /** Says whether an input comes from images without annotation. */
    public boolean isUnlabelled(String input) {
        return lineage(input).get(0).equals(UNLABELLED);
    }

    /** Says whether any part of the recipe looks at images without annotation. */
    public boolean usesUnlabelled() {
        return phases.stream()
                .flatMap(phase -> phase.objectives().stream())
                .anyMatch(objective -> isUnlabelled(objective.input()));
    }

    private static void check(List<Member> members, List<Input> inputs, List<Phase> phases, String exported) {
        Set<String> networks = new HashSet<>();
        for (Member member : members) {
            require(networks.add(member.name()), "two members are named " + member.name());
        }
        require(networks.contains(exported), "the exported member " + exported + " is not one of " + networks);
        Set<String> views = new HashSet<>(Set.of(LABELLED, UNLABELLED));
        for (Input input : inputs) {
            require(views.contains(input.parent()), "input " + input.name() + " has no parent " + input.parent());
            require(views.add(input.name()), "two inputs are named " + input.name());
        }
        for (Phase phase : phases) {
            Set<String> labels = new HashSet<>(Set.of(OWN));
            for (Labelling labelling : phase.labellings()) {
                require(networks.containsAll(labelling.givers()), labelling.name() + " names an unknown giver");
                require(views.contains(labelling.input()), labelling.name() + " looks at an unknown input");
                require(labels.add(labelling.name()), "two labellings are named " + labelling.name());
            }
            for (Objective objective : phase.objectives()) {
                require(networks.contains(objective.learner()), objective.name() + " names an unknown learner");
                require(views.contains(objective.input()), objective.name() + " looks at an unknown input");
                require(labels.contains(objective.target()), objective.name() + " names an unknown target");
            }
            for (Transfer transfer : phase.transfers()) {
                require(
                        networks.contains(transfer.from()) && networks.contains(transfer.to()),
                        "a transfer names an unknown member");
            }
        }
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("this recipe cannot run: " + problem);
        }
    }
}
