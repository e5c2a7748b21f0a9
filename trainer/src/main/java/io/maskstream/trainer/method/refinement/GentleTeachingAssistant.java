package io.maskstream.trainer.method.refinement;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.BoxRule;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Pseudo-labels train an assistant alone; the student takes over its features, never its classifier.
 *
 * <p>Jin, Wang, Lin, "Semi-Supervised Semantic Segmentation via Gentle Teaching Assistant", NeurIPS 2022. Pseudo-labels are good for
 * features and bad for the classifier: so the student's classifier sees nothing but annotations. The teacher, an average of the student,
 * labels; the assistant learns the most confident part of the labels; the student's features follow the assistant's as a moving average,
 * and the student learns the annotations.
 *
 * <p>Departures: the cycle is told from the student's step on, which changes its first and last step only; the classifier is the
 * network's head, which with the small networks here may be one layer where the paper has three; the teacher's decay is 0.99, and
 * 0.999 there in a longer training; assistant and teacher see mixed images alone and the student annotated ones alone, so where the network
 * has batch normalisation, its statistics are of other batches than in the paper, where each sees both. What is released is the teacher.
 *
 * <p>Streaming: labels are made anew in every step, so the stored ones are not used. Teacher, student, assistant and the clock of the
 * average last over rounds; only the first round has a supervised beginning, at the end of which the assistant starts as a copy of the
 * student. A poisoned stream cannot reach the classifier directly, so this method suits streams that nobody vets. The router may use the
 * teacher's confidence.
 */
public final class GentleTeachingAssistant implements Method {
    private static final String TEACHER = "teacher";
    private static final String ASSISTANT = "assistant";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP =
            new Option("ramp", 1.0 / 80, 0, 1, "share of the training in which the student learns alone");
    private static final Option KEPT = new Option(
            "kept", 0.8, 0, 1, "share of the labelled pixels, the most confident, that the assistant learns");
    private static final Option ASSISTANT_DECAY = new Option(
            "assistant-decay", 0.999, 0, 0.99999, "decay of the average of the assistant's features, a step");

    @Override
    public String name() {
        return "gta-seg";
    }

    @Override
    public String citation() {
        return "Jin, Wang, Lin: Semi-Supervised Semantic Segmentation via Gentle Teaching Assistant. NeurIPS 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, KEPT, ASSISTANT_DECAY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        double alone = settings.get(Supervision.WAIT) + settings.get(RAMP); // an assistant that waits is a copy
        CutMix half = new CutMix(0.5, BoxRule.half(), CutMix.Drawn.BOX_FOR_EACH_IMAGE, CutMix.Partner.NEXT);
        return RoundPlan.single(Supervision.of(settings, TEACHER)
                .learner(ASSISTANT)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("mixed", "weak", half)
                .move(Supervision.STUDENT, ASSISTANT, WeightTransfer.copy().until(alone))
                .nextPhase()
                .label("opinion", TEACHER, "weak")
                .learn(
                        ASSISTANT,
                        ASSISTANT,
                        "mixed",
                        "opinion",
                        LossTerm.trustingCrossEntropy().judgedBy(TEACHER, Refinement.mostConfident(settings.get(KEPT))),
                        Schedule.constant(settings.get(UNLABELLED_WEIGHT)).after(settings.get(RAMP)))
                .move(
                        ASSISTANT,
                        Supervision.STUDENT,
                        WeightTransfer.averageOfFeatures(settings.get(ASSISTANT_DECAY), alone))
                .export(TEACHER));
    }
}
