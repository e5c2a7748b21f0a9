package io.maskstream.trainer.block;

import io.maskstream.trainer.block.Recipe.Donor;
import io.maskstream.trainer.block.Recipe.Input;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Recipe.Member;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import io.maskstream.trainer.block.Recipe.Transfer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link Recipe} in the order in which one tells it. What is labelled, learned and moved goes into the phase that is open;
 * {@link #nextPhase()} closes it.
 */
public final class RecipeBuilder {
    private final List<Member> members = new ArrayList<>();
    private final List<Input> inputs = new ArrayList<>();
    private final List<Phase> phases = new ArrayList<>();
    private final List<Labelling> labellings = new ArrayList<>();
    private final List<Objective> objectives = new ArrayList<>();
    private final List<Transfer> transfers = new ArrayList<>();
    private final Set<String> features = new LinkedHashSet<>();
    private final List<Bank> banks = new ArrayList<>();
    private Function<String, @Nullable Refinement> everyLabelling = name -> null;
    private double beginning;
    private boolean headSpared;

    /** Adds a network that the optimiser changes. */
    public RecipeBuilder learner(String name) {
        members.add(new Member(name, true));
        return this;
    }

    /** Adds a network that the optimiser changes and that comes from elsewhere than the stage's start. */
    public RecipeBuilder learner(String name, NetworkSource source) {
        members.add(new Member(name, true, source));
        return this;
    }

    /** Adds a network that the optimiser changes, wired otherwise than its graph in every look. */
    public RecipeBuilder learner(String name, NetworkSource source, Perturbation wiring) {
        members.add(new Member(name, true, source, wiring));
        return this;
    }

    /** Adds a network that only follows or stays, and that comes from elsewhere than the stage's start. */
    public RecipeBuilder follower(String name, NetworkSource source) {
        members.add(new Member(name, false, source));
        return this;
    }

    /** Adds a network that only follows or stays. */
    public RecipeBuilder follower(String name) {
        members.add(new Member(name, false));
        return this;
    }

    /** Shows what the parent shows through a view; a parent is an input, {@link Recipe#LABELLED} or {@link Recipe#UNLABELLED}. */
    public RecipeBuilder see(String name, String parent, View view) {
        inputs.add(new Input(name, parent, view));
        return this;
    }

    /** Shows what the parent shows through a view, with pixels of donors pasted on top. */
    public RecipeBuilder see(String name, String parent, View view, Donor donor) {
        inputs.add(new Input(name, parent, view, donor));
        return this;
    }

    /** Lets every look at the picture itself give values of the graph beside the outputs. */
    public RecipeBuilder reveal(String... values) {
        features.addAll(List.of(values));
        return this;
    }

    /** Keeps a running statistic of the recipe's blocks. */
    public RecipeBuilder keep(Bank bank) {
        banks.add(bank);
        return this;
    }

    /** Lets one member label an input by its most probable class, in evaluation mode. */
    public RecipeBuilder label(String name, String giver, String input, Refinement... refinements) {
        return label(Labelling.by(giver, name, input, refinements));
    }

    /** Adds a labelling of any form. */
    public RecipeBuilder label(Labelling labelling) {
        Refinement first = everyLabelling.apply(labelling.name());
        if (first instanceof Bank bank) {
            banks.add(bank);
        }
        labellings.add(first == null ? labelling : labelling.refinedFirst(first));
        return this;
    }

    /**
     * Refines every labelling that is added from now on, before its own refinements.
     *
     * @param refinement made for a labelling's name; null leaves it as it is. What is a bank is kept
     */
    public RecipeBuilder refine(Function<String, @Nullable Refinement> refinement) {
        everyLabelling = refinement;
        return this;
    }

    /** Lets labels made in a step wait until a share of the training is over. */
    public RecipeBuilder waiting(double share) {
        beginning = share;
        return this;
    }

    /** Lets images without annotation teach features alone, or the classifier too. */
    public RecipeBuilder sparingHead(boolean spared) {
        headSpared = spared;
        return this;
    }

    /** Makes a loss smaller. */
    public RecipeBuilder learn(
            String name, String learner, String input, String target, LossTerm term, Schedule weight) {
        objectives.add(new Objective(name, learner, input, target, term, weight));
        return this;
    }

    /** Makes a loss smaller in a look that is not plain. */
    public RecipeBuilder learn(
            String name, String learner, String input, Look look, String target, LossTerm term, Schedule weight) {
        objectives.add(new Objective(name, learner, input, look, target, term, weight));
        return this;
    }

    /** Moves weights after the optimiser step. */
    public RecipeBuilder move(String from, String to, WeightTransfer how) {
        transfers.add(new Transfer(from, to, how));
        return this;
    }

    /** Ends the phase with its optimiser step; what follows belongs to the next. */
    public RecipeBuilder nextPhase() {
        phases.add(new Phase(labellings, objectives, transfers));
        labellings.clear();
        objectives.clear();
        transfers.clear();
        return this;
    }

    /**
     * Returns the recipe.
     *
     * @param exported the member that is released
     * @throws IllegalArgumentException if it names what is not there
     */
    public Recipe export(String exported) {
        nextPhase();
        Recipe recipe = new Recipe(members, inputs, phases, exported, features, banks);
        Recipe late = beginning > 0 ? recipe.waiting(beginning) : recipe;
        return headSpared ? late.sparingHead() : late;
    }
}
