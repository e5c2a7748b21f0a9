package io.maskstream.trainer.run;

import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Paste;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Input;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** What is seen in one step: the pictures of every input, and the way from one to another that labels take as well. */
final class Sights {
    private final Recipe recipe;
    private final TrainingSettings settings;
    private final long number;
    private final Batches batches;
    private final Labels labels;
    private final Map<String, Tensor> pixels = new HashMap<>();
    private final Map<String, Tensor> normalised = new HashMap<>();
    private final Map<String, View.Plan> plans = new HashMap<>();
    private final Map<String, Tensor> shown = new HashMap<>();

    /**
     * @param number of the step in the whole training
     * @param batches read when they are first asked for
     * @param labels asked where what is seen depends on labels
     */
    Sights(Recipe recipe, TrainingSettings settings, long number, Batches batches, Labels labels) {
        this.recipe = recipe;
        this.settings = settings;
        this.number = number;
        this.batches = batches;
        this.labels = labels;
    }

    /** The images of the step. */
    @FunctionalInterface
    interface Batches {
        /** Returns the batch of a stream; null if there is no such stream. */
        BatchSource.@Nullable Batch get(String stream);
    }

    /** The labels of what is seen. */
    @FunctionalInterface
    interface Labels {
        /** Returns the labels of that name, carried to an input. */
        PseudoLabel apply(String target, String input);
    }

    /** Returns the labels that came with a stream's images; null if there is no such stream. */
    @Nullable
    PseudoLabel own(String stream) {
        BatchSource.Batch batch = batches.get(stream);
        return batch == null ? null : batch.own();
    }

    /** Returns people's masks of an input's pictures, where they are known but not learned from. */
    Optional<PseudoLabel> truth(String input) {
        BatchSource.Batch batch = batches.get(recipe.lineage(input).get(0));
        PseudoLabel truth = batch == null ? null : batch.truth();
        return truth == null ? Optional.empty() : Optional.of(through(truth, recipe.lineage(input), 0));
    }

    /** Returns an input's pictures, {@code [N, 3, H, W]} in [0, 255]. */
    private Tensor pixels(String input) {
        Tensor known = pixels.get(input);
        if (known != null) {
            return known;
        }
        Optional<Input> made = recipe.input(input);
        Tensor seen;
        if (made.isPresent()) {
            Tensor parent = pixels(made.get().parent());
            View.Plan plan = plan(made.get(), parent);
            plans.put(input, plan);
            seen = plan.images(parent);
        } else {
            BatchSource.Batch batch = batches.get(input);
            if (batch == null) {
                throw new IllegalStateException("nothing is seen as " + input);
            }
            seen = batch.pixels();
        }
        pixels.put(input, seen);
        return seen;
    }

    private View.Plan plan(Input input, Tensor parent) {
        var random = Draws.generator(settings.seed(), number, recipe.inputs().indexOf(input));
        View.Plan plan = input.view().plan((int) parent.size(0), (int) parent.size(2), (int) parent.size(3), random);
        Recipe.Donor donor = input.donor();
        if (donor == null) {
            return plan;
        }
        Paste.Donors donors = new Paste.Donors(pixels(donor.input()), labels.apply(donor.target(), donor.input()));
        return new View.Sequence(List.of(plan, donor.paste().plan(parent, donors, random)));
    }

    /** Returns an input's pictures as networks take them. */
    Tensor images(String input) {
        Tensor known = normalised.get(input);
        if (known == null) {
            known = ImageTensors.normalise(pixels(input), settings.input());
            normalised.put(input, known);
        }
        return known;
    }

    /** Returns which pixels of an input are no padding, {@code [N, H, W]} bool. */
    Tensor shown(String input) {
        Tensor known = shown.get(input);
        if (known != null) {
            return known; // several labellings of one input ask
        }
        Tensor pixels = pixels(input);
        Tensor blank = torch.zeros(new long[] {pixels.size(0), pixels.size(2), pixels.size(3)}, pixels.options());
        PseudoLabel everywhere = PseudoLabel.of(blank.to(torch.ScalarType.Long), blank, null, LabelSource.HUMAN);
        Tensor valid = through(everywhere, recipe.lineage(input), 0).valid();
        shown.put(input, valid);
        return valid;
    }

    /** Carries a label along a chain of inputs, from the one at an index to the last. */
    PseudoLabel through(PseudoLabel label, List<String> lineage, int from) {
        PseudoLabel moved = label;
        for (String name : lineage.subList(from + 1, lineage.size())) {
            var unused = pixels(name); // draws the plan
            View.Plan plan = plans.get(name);
            if (plan != null) {
                moved = plan.labels(moved);
            }
        }
        return moved;
    }

    /** Carries a map of numbers from one input to another that descends from it. */
    Tensor moved(Tensor map, String madeOn, String input) {
        List<String> lineage = recipe.lineage(input);
        Tensor moved = map;
        for (String name : lineage.subList(lineage.indexOf(madeOn) + 1, lineage.size())) {
            View.Plan plan = plans.get(name);
            if (plan != null) {
                moved = plan.maps(moved);
            }
        }
        return moved;
    }
}
