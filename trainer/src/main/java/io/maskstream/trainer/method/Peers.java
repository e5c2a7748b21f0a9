package io.maskstream.trainer.method;

import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.view.Views;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Networks that learn beside the student of {@link Supervision}, which is the first of them. The others teach it and are never released.
 *
 * <p>All start from the same brought network, so something must keep them apart: each peer sees the annotated images in views of its own
 * draw, and its last layers are drawn partly anew. The papers start all networks from the same backbone and draw every head anew; here a
 * head may know the classes already, and one drawn anew forgets them and teaches nonsense at first. So usually half is drawn: the
 * scores still point the same way, but differ wherever the network is not sure.
 */
public final class Peers {
    /** How much of a peer's last layers is drawn anew. */
    public static final Option NOVELTY = new Option(
            "peer-novelty",
            0.5,
            0,
            1,
            "how far what makes a peer differ is drawn anew, its last layers as a rule; 1 in the papers, the usual value is ours");

    private Peers() {}

    /** Returns the names of networks that learn together, the student first. */
    public static List<String> names(int networks) {
        return IntStream.rangeClosed(1, networks)
                .mapToObj(i -> i == 1 ? Supervision.STUDENT : "peer-" + i)
                .toList();
    }

    /** Returns the input through which one of them sees annotated images. */
    public static String labelledView(String name) {
        return name.equals(Supervision.STUDENT) ? Supervision.LABELLED_WEAK : "labelled-" + name;
    }

    /** Starts a recipe with the student, its moving average {@code average}, its peers, and each one's supervised loss. */
    public static RecipeBuilder of(MethodSettings settings, int networks) {
        RecipeBuilder recipe = Supervision.of(settings, "average");
        for (String name : names(networks).subList(1, networks)) {
            join(recipe, settings, name, NetworkSource.START.withHeadRedrawn(settings.get(NOVELTY), name));
        }
        return recipe;
    }

    /** Adds a peer that comes from elsewhere, with its supervised loss. */
    public static RecipeBuilder join(RecipeBuilder recipe, MethodSettings settings, String name, NetworkSource source) {
        return recipe.learner(name, source)
                .see(labelledView(name), Recipe.LABELLED, Views.weak())
                .learn(
                        "supervised-" + name,
                        name,
                        labelledView(name),
                        Recipe.OWN,
                        Supervision.crossEntropy(settings),
                        Schedule.constant(1));
    }
}
