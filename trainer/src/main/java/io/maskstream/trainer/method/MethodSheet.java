package io.maskstream.trainer.method;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Feed;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Donor;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Recipe.Member;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method as it is composed, in words and numbers taken from its recipe; its components are the keys of the JSON report.
 *
 * @param name by which configuration names it
 * @param category its family
 * @param paper authors, venue and year
 * @param citation the whole of it
 * @param networks most that are in memory at once, auxiliary ones among them
 * @param labelledCost what a step does with a labelled batch, a mean over the stages
 * @param unlabelledCost what a step does with an unlabelled batch, a mean over the stages
 * @param poolPasses forward passes over the whole pool between stages, in a round
 * @param exported the member of the last stage that is released
 * @param options what a user may set
 * @param stages of a round, as a dry walk through the plan finds them
 */
public record MethodSheet(
        String name,
        String category,
        String paper,
        String citation,
        int networks,
        Cost labelledCost,
        Cost unlabelledCost,
        double poolPasses,
        String exported,
        List<Option> options,
        List<StageSheet> stages) {
    private static final Pattern CITATION = Pattern.compile("(.+?): .+[.?!] (.+ \\d{4})");

    public MethodSheet {
        options = List.copyOf(options);
        stages = List.copyOf(stages);
    }

    /**
     * Passes over a batch in a step. They are those that the recipe names; a loss that looks for itself, such as at a peer in another mode,
     * comes on top.
     *
     * @param forward passes without gradient
     * @param trained passes forward and backward
     */
    public record Cost(double forward, double trained) {
        Cost plus(Cost other, double share) {
            return new Cost(forward + share * other.forward, trained + share * other.trained);
        }

        /** Returns {@code 1 F + 2 FB}, or a dash where there is no pass. */
        @Override
        public String toString() {
            List<String> parts = new ArrayList<>();
            if (forward > 0) {
                parts.add(number(forward) + " F");
            }
            if (trained > 0) {
                parts.add(number(trained) + " FB");
            }
            return parts.isEmpty() ? "–" : String.join(" + ", parts);
        }

        private static String number(double value) {
            return Math.abs(value - Math.rint(value)) < 0.05
                    ? Long.toString(Math.round(value))
                    : String.format(Locale.ROOT, "%.1f", value);
        }
    }

    /**
     * One stage, a line for each part of it.
     *
     * @param name of the stage
     * @param share of the round's steps
     * @param start where its networks start from, on which images, and what is left of it
     * @param labelledCost of a step
     * @param unlabelledCost of a step
     * @param members networks and where they come from
     * @param inputs how pictures are seen
     * @param labellings who labels what, and what is done to the label
     * @param objectives what is made smaller
     * @param transfers how weights move after a step
     * @param banks what is kept from step to step
     * @param exported the member whose network is the stage's result
     */
    public record StageSheet(
            String name,
            double share,
            String start,
            Cost labelledCost,
            Cost unlabelledCost,
            List<String> members,
            List<String> inputs,
            List<String> labellings,
            List<String> objectives,
            List<String> transfers,
            List<String> banks,
            String exported) {
        public StageSheet {
            members = List.copyOf(members);
            inputs = List.copyOf(inputs);
            labellings = List.copyOf(labellings);
            objectives = List.copyOf(objectives);
            transfers = List.copyOf(transfers);
            banks = List.copyOf(banks);
        }
    }

    /**
     * Describes a method with some options set; the others have their usual values.
     *
     * @throws IllegalArgumentException if the method has no such option
     */
    public static MethodSheet of(Method method, Map<String, Double> options) {
        MethodSettings settings = new MethodSettings(ClassWeights.equal(2), options, 1).checkedFor(method);
        PlanWalk walk = PlanWalk.through(method.plan(settings));
        List<StageSheet> sheets = new ArrayList<>();
        Cost labelled = new Cost(0, 0);
        Cost unlabelled = new Cost(0, 0);
        int networks = 0;
        for (Stage stage : walk.stages()) {
            StageSheet sheet = sheet(stage);
            sheets.add(sheet);
            labelled = labelled.plus(sheet.labelledCost(), stage.share());
            unlabelled = unlabelled.plus(sheet.unlabelledCost(), stage.share());
            networks = Math.max(networks, stage.recipe().members().size());
        }
        Stage last = walk.stages().get(walk.stages().size() - 1);
        String exported =
                last.recipe().exported() + (walk.exported().equals(last.name()) ? "" : " of stage " + walk.exported());
        return new MethodSheet(
                method.name(),
                method.category(),
                paper(method.citation()),
                method.citation(),
                networks,
                labelled,
                unlabelled,
                walk.poolPasses(),
                exported,
                method.options(),
                sheets);
    }

    /** Returns authors and venue of a citation, {@code Sohn et al., NeurIPS 2020}. */
    static String paper(String citation) {
        Matcher matcher = CITATION.matcher(citation);
        return matcher.matches() ? matcher.group(1) + ", " + matcher.group(2) : citation;
    }

    private static StageSheet sheet(Stage stage) {
        Recipe recipe = stage.recipe();
        List<String> labellings = new ArrayList<>();
        List<String> objectives = new ArrayList<>();
        List<String> transfers = new ArrayList<>();
        for (int i = 0; i < recipe.phases().size(); i++) {
            String phase = recipe.phases().size() == 1 ? "" : "phase " + (i + 1) + ": ";
            Recipe.Phase now = recipe.phases().get(i);
            now.labellings().forEach(labelling -> labellings.add(phase + words(labelling)));
            now.objectives().forEach(objective -> objectives.add(phase + words(objective)));
            now.transfers()
                    .forEach(transfer ->
                            transfers.add(phase + transfer.from() + " to " + transfer.to() + ": " + transfer.how()));
        }
        return new StageSheet(
                stage.name(),
                stage.share(),
                start(stage),
                cost(recipe, false),
                cost(recipe, true),
                recipe.members().stream().map(MethodSheet::words).toList(),
                recipe.inputs().stream().map(MethodSheet::words).toList(),
                labellings,
                objectives,
                transfers,
                recipe.banks().stream().map(bank -> bank.name()).toList(),
                recipe.exported());
    }

    private static String start(Stage stage) {
        StringBuilder words = new StringBuilder(stage.start());
        if (stage.rate() != 1) {
            words.append(", learning rate times ").append(stage.rate());
        }
        PoolLabels labels = stage.labels();
        if (labels != null) {
            words.append(", labels of the pool made before it");
        }
        if (stage.annotated() != null) {
            words.append(", some of the annotated images");
        }
        if (stage.images() != null && labels == null) {
            words.append(", some of the images without annotation");
        }
        if (!stage.heldOut().isEmpty()) {
            words.append(", scored on held-out annotations");
        }
        if (stage.parts() > 1) {
            words.append(", marked in ").append(stage.parts()).append(" parts");
        }
        return words.toString();
    }

    private static String words(Member member) {
        return member.name() + (member.trained() ? " learns" : " follows") + ", from " + member.source()
                + (member.wiring() == Perturbation.NONE ? "" : ", always with " + member.wiring());
    }

    private static String words(Recipe.Input input) {
        Donor donor = input.donor();
        return input.name() + ": " + input.parent() + ", " + input.view()
                + (donor == null ? "" : ", with " + donor.paste() + " of " + donor.input() + " by " + donor.target());
    }

    private static String words(Recipe.Labelling labelling) {
        StringBuilder words = new StringBuilder(labelling.name() + ": by ");
        words.append(String.join(
                " and ",
                labelling.givers().stream()
                        .map(giver -> giver.member() + look(giver.look()))
                        .toList()));
        words.append(" on ").append(labelling.input()).append(labelling.training() ? " in training mode" : "");
        words.append(", ").append(labelling.labeler());
        labelling.refinements().forEach(refinement -> words.append(", then ").append(refinement));
        return words.toString();
    }

    private static String words(Recipe.Objective objective) {
        return objective.name() + ": " + objective.learner() + look(objective.look()) + " on " + objective.input()
                + " learns " + objective.target() + ", " + objective.term() + ", weight " + objective.weight();
    }

    private static String look(Look look) {
        Feed feed = look.feed();
        if (feed != null) {
            return " (" + look.name() + ", fed by " + feed.giver() + ")";
        }
        return look.equals(Look.PLAIN) ? "" : " (" + look.perturbation() + ")";
    }

    /** Counts each pass once, as a step makes it. */
    private static Cost cost(Recipe recipe, boolean unlabelled) {
        Set<List<Object>> forward = new HashSet<>();
        Set<List<Object>> trained = new HashSet<>();
        for (int i = 0; i < recipe.phases().size(); i++) {
            int phase = i;
            Recipe.Phase now = recipe.phases().get(i);
            now.objectives().stream()
                    .filter(objective -> recipe.isUnlabelled(objective.input()) == unlabelled)
                    .forEach(objective -> {
                        trained.add(List.of(
                                phase,
                                objective.learner(),
                                objective.input(),
                                objective.look().name()));
                        Feed feed = objective.look().feed();
                        if (feed != null) {
                            forward.add(List.of(feed.giver(), objective.input(), feed.training(), Look.PLAIN.name()));
                        }
                    });
            now.labellings().stream()
                    .filter(labelling -> recipe.isUnlabelled(labelling.input()) == unlabelled)
                    .forEach(labelling -> labelling.givers().forEach(giver -> {
                        forward.add(List.of(
                                giver.member(),
                                labelling.input(),
                                labelling.training(),
                                giver.look().name()));
                        Feed feed = giver.look().feed();
                        if (feed != null) {
                            forward.add(List.of(feed.giver(), labelling.input(), feed.training(), Look.PLAIN.name()));
                        }
                    }));
        }
        return new Cost(forward.size(), trained.size());
    }
}
