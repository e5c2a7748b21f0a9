package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.method.Peers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every network learns from what the others say of the same pictures, in training mode, as in the pass from which it learns itself.
 *
 * @param peers the networks
 * @param vote makes one label of what all others say; null where a network learns from each other by itself
 * @param term how a network is compared with a label
 * @param refinements of every label
 */
record Exchange(List<String> peers, @Nullable Labeler vote, LossTerm term, List<Refinement> refinements) {

    /** Adds what is said of one input and learned on it, or on one that descends from it. */
    void on(RecipeBuilder recipe, String said, String learned, Schedule weight) {
        Set<String> labelled = new HashSet<>();
        for (String learner : peers) {
            for (List<String> givers : givers(learner)) {
                Labelling opinion = opinion(givers, said);
                if (labelled.add(opinion.name())) {
                    recipe.label(opinion);
                }
                recipe.learn(learner + "-from-" + opinion.name(), learner, learned, opinion.name(), term, weight);
            }
        }
    }

    /** Adds the same on annotated images, each learner on its own view of them. */
    void onLabelled(RecipeBuilder recipe, Schedule weight) {
        for (String learner : peers) {
            String view = Peers.labelledView(learner);
            for (List<String> givers : givers(learner)) {
                Labelling opinion = opinion(givers, view);
                recipe.label(opinion)
                        .learn(learner + "-from-" + opinion.name(), learner, view, opinion.name(), term, weight);
            }
        }
    }

    private List<List<String>> givers(String learner) {
        List<String> others =
                peers.stream().filter(peer -> !peer.equals(learner)).toList();
        return vote == null ? others.stream().map(List::of).toList() : List.of(others);
    }

    private Labelling opinion(List<String> givers, String input) {
        Labeler labeler = vote == null ? Labeler.argmax() : vote;
        String name = String.join("+", givers) + "-on-" + input;
        return Labelling.of(name, givers, input, labeler, refinements.toArray(Refinement[]::new))
                .inTraining();
    }
}
