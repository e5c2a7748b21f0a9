package io.maskstream.dashboard;

import io.maskstream.schemas.event.Decision;
import java.util.Locale;

/** Says a decision's reason as a sentence that needs no manual. */
final class PlainWords {
    private PlainWords() {}

    /** Returns why routing decided as it did, with the numbers it compared. */
    static String why(Decision decision) {
        String score = figure(decision.getScoreValue());
        String name = decision.getScore();
        return switch (decision.getReason()) {
            case CONFIDENT ->
                "Certain: " + name + " " + score + " is at most " + figure(decision.getLearnAtMost())
                        + ", so the model learns from its own mask.";
            case UNCERTAIN ->
                "Uncertain: " + name + " " + score + " is at least " + figure(decision.getAskAtLeast())
                        + ", so a person is asked.";
            case AUDIT -> "Certain, but drawn for the audit: a person checks the model's mask.";
            case RANDOM_ARM -> "Drawn by chance, to compare selection with luck: a person is asked.";
            case EVALUATION -> "Drawn for the evaluation split: a person labels it, the model never learns from it.";
            case COLD_START -> "No trained model yet: drawn by chance for the first labels.";
            case UNDECIDED ->
                "Neither certain nor uncertain: " + name + " " + score + " lies between "
                        + figure(decision.getLearnAtMost()) + " and " + figure(decision.getAskAtLeast()) + ".";
            case OVER_BUDGET -> "Uncertain (" + name + " " + score + "), but the label budget is spent for now.";
            case NO_CHAMPION -> "Set aside: a model that has learnt nothing is not believed.";
            case SEED -> "From a labelled folder given at the start.";
        };
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
