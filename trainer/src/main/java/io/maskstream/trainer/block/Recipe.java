package io.maskstream.trainer.block;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A learning method as a composition: which networks there are, how they see the images, who labels for whom, what is made
 * smaller, and how weights move. One loop runs any recipe.
 *
 * <p>A step: for each phase let its givers label, sum its objectives, take one optimiser step for every trained network that had a part
 * in them, and move weights. Views, labels and passes are made when they are first asked for, and once.
 *
 * @param members the networks
 * @param inputs how images are seen, parents first
 * @param phases what is done in a step, in order; nearly always one
 * @param exported the member that is released
 * @param features values that every look at the picture itself gives beside the outputs, such as
 *     {@link io.maskstream.trainer.network.Taps#DECODER}
 * @param banks what the blocks keep from step to step
 */
public record Recipe(
        List<Member> members,
        List<Input> inputs,
        List<Phase> phases,
        String exported,
        Set<String> features,
        List<Bank> banks) {
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
        features = Set.copyOf(features);
        banks = List.copyOf(banks);
        check(members, inputs, phases, exported);
    }

    /** Composes a recipe whose blocks look at nothing but class scores and keep nothing. */
    public Recipe(List<Member> members, List<Input> inputs, List<Phase> phases, String exported) {
        this(members, inputs, phases, exported, Set.of(), List.of());
    }

    /**
     * A network with a part in the recipe.
     *
     * @param name such as {@code student}
     * @param trained whether the optimiser changes it
     * @param source where it comes from
     * @param wiring what is changed in every look of it at the picture, such as a branch that is cut off from the features' gradient
     */
    public record Member(String name, boolean trained, NetworkSource source, Perturbation wiring) {
        /** Names a network in which nothing is changed. */
        public Member(String name, boolean trained, NetworkSource source) {
            this(name, trained, source, Perturbation.NONE);
        }

        /** Names a copy of the network with which the stage starts. */
        public Member(String name, boolean trained) {
            this(name, trained, NetworkSource.START);
        }
    }

    /**
     * A way in which images are seen.
     *
     * @param name such as {@code strong}
     * @param parent another input, or {@link #LABELLED} or {@link #UNLABELLED}
     * @param view on what the parent shows
     * @param donor what is pasted on top; null for nothing
     */
    public record Input(String name, String parent, View view, @Nullable Donor donor) {
        /** Names a way of seeing that needs no labels. */
        public Input(String name, String parent, View view) {
            this(name, parent, view, null);
        }
    }

    /**
     * Whose pixels are pasted into an input.
     *
     * @param input of the donors
     * @param target the donors' labels: a labelling made on that input or one it descends from, or {@link #OWN}
     * @param paste chooses the pixels
     */
    public record Donor(String input, String target, Paste paste) {}

    /**
     * How a member looks.
     *
     * @param name equal looks have equal names
     * @param perturbation of its features
     * @param feed what it reads in place of the picture; null for the picture
     */
    public record Look(String name, Perturbation perturbation, @Nullable Feed feed) {
        /** At the picture, undisturbed. */
        public static final Look PLAIN = new Look("plain", Perturbation.NONE, null);

        /** Returns a look at the picture with features changed. */
        public static Look with(String name, Perturbation perturbation) {
            return new Look(name, perturbation, null);
        }

        /** Returns this look, in which the classifier learns nothing. */
        Look sparingHead() {
            return new Look(name + ", head spared", perturbation.and(Perturbation.sparingHead()), feed);
        }

        /** Returns an auxiliary network's look. */
        public static Look at(String name, Feed feed) {
            return new Look(name, Perturbation.NONE, feed);
        }
    }

    /**
     * A member that labels.
     *
     * @param member its name
     * @param look how it looks
     */
    public record Giver(String member, Look look) {}

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
            List<Giver> givers,
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
            return of(name, List.of(giver), input, Labeler.argmax(), refinements);
        }

        /** Returns a labelling by givers in evaluation mode that look plainly. */
        public static Labelling of(
                String name, List<String> givers, String input, Labeler labeler, Refinement... refinements) {
            return new Labelling(
                    name,
                    givers.stream().map(giver -> new Giver(giver, Look.PLAIN)).toList(),
                    input,
                    false,
                    labeler,
                    List.of(refinements));
        }

        /** Returns this with a refinement before all others. */
        public Labelling refinedFirst(Refinement first) {
            List<Refinement> chain = new ArrayList<>(List.of(first));
            chain.addAll(refinements);
            return new Labelling(name, givers, input, training, labeler, chain);
        }

        /** Returns this with the givers in training mode, as in the pass that is learned from. */
        public Labelling inTraining() {
            return new Labelling(name, givers, input, true, labeler, refinements);
        }
    }

    /**
     * One thing to make smaller.
     *
     * @param name in logs and metrics
     * @param learner the member that learns
     * @param input what it looks at
     * @param look how it looks
     * @param target a labelling made on that input or one it descends from, or {@link #OWN}
     * @param term the loss
     * @param weight of the loss; where it is 0 the term is not computed
     */
    public record Objective(
            String name, String learner, String input, Look look, String target, LossTerm term, Schedule weight) {
        /** Composes an objective of a plain look. */
        public Objective(String name, String learner, String input, String target, LossTerm term, Schedule weight) {
            this(name, learner, input, Look.PLAIN, target, term, weight);
        }

        private Objective after(double share) {
            return new Objective(name, learner, input, look, target, term, weight.after(share));
        }

        private Objective sparingHead() {
            return new Objective(name, learner, input, look.sparingHead(), target, term, weight);
        }
    }

    /**
     * One moving of weights.
     *
     * @param from the member that gives
     * @param to the member that changes
     * @param how the rule
     */
    public record Transfer(String from, String to, WeightTransfer how) {}

    /**
     * A part of a step that ends with an optimiser step. It is left out, and nothing moves, where none of its objectives counts.
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

    /**
     * Labels that came with images, of an earlier stage or version, are ready from the start; but where pixels of other images are pasted
     * over annotated ones, their labels are made in the step.
     */
    private boolean isMadeInStep(Objective objective) {
        boolean unlabelled = isUnlabelled(objective.input());
        return objective.target().equals(OWN) ? !unlabelled && needsUnlabelled(objective.input()) : unlabelled;
    }

    /**
     * Returns this recipe, in which labels made in a step for images without annotation are not learned from before a share of the training
     * is over.
     */
    Recipe waiting(double share) {
        return changing(objective -> isMadeInStep(objective) ? objective.after(share) : objective);
    }

    /** Returns this recipe, in which no image without annotation teaches a classifier, but in auxiliary networks and branches. */
    Recipe sparingHead() {
        return changing(objective ->
                needsUnlabelled(objective.input()) && objective.look().feed() == null
                        ? objective.sparingHead()
                        : objective);
    }

    private Recipe changing(UnaryOperator<Objective> change) {
        List<Phase> changed = phases.stream()
                .map(phase -> new Phase(
                        phase.labellings(),
                        phase.objectives().stream().map(change).toList(),
                        phase.transfers()))
                .toList();
        return new Recipe(members, inputs, changed, exported, features, banks);
    }

    /** Returns the input of a name. */
    public Optional<Input> input(String name) {
        return inputs.stream().filter(input -> input.name().equals(name)).findFirst();
    }

    /** Returns what is changed in every look of a member at the picture. */
    public Perturbation wiring(String member) {
        return members.stream()
                .filter(candidate -> candidate.name().equals(member))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this recipe has no member " + member))
                .wiring();
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

    /** Says whether an input can only be seen where there are images without annotation: it comes from them, or shows pixels of them. */
    public boolean needsUnlabelled(String input) {
        return isUnlabelled(input)
                || lineage(input).stream()
                        .flatMap(name -> input(name).stream())
                        .map(Input::donor)
                        .anyMatch(donor -> donor != null && needsUnlabelled(donor.input()));
    }

    /** Says whether any part of the recipe looks at images without annotation. */
    public boolean usesUnlabelled() {
        return phases.stream()
                .flatMap(phase -> phase.objectives().stream())
                .anyMatch(objective -> needsUnlabelled(objective.input()));
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
            Donor donor = input.donor();
            require(
                    donor == null || views.contains(donor.input()),
                    "input " + input.name() + " takes pixels from an unknown input");
            require(views.add(input.name()), "two inputs are named " + input.name());
        }
        Set<String> labels = new HashSet<>(Set.of(OWN));
        for (Phase phase : phases) {
            for (Labelling labelling : phase.labellings()) {
                require(
                        labelling.givers().stream().allMatch(giver -> networks.contains(giver.member())),
                        labelling.name() + " names an unknown giver");
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
        for (Input input : inputs) {
            Donor donor = input.donor();
            require(
                    donor == null || labels.contains(donor.target()),
                    "input " + input.name() + " takes pixels by an unknown label");
        }
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("this recipe cannot run: " + problem);
        }
    }
}
