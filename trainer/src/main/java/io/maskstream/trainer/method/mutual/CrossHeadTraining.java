package io.maskstream.trainer.method.mutual;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Donor;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.label.ClassConfidence;
import io.maskstream.trainer.block.label.PeerLabels;
import io.maskstream.trainer.block.loss.Divergence;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.ClassPaste;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * Two decoders of one encoder teach each other across views: what one says of the weak view, the other learns on the strong view, the less
 * the more the first wavers between both.
 *
 * <p>Fan et al., "UCC: Uncertainty guided Cross-head Co-training for Semi-Supervised Semantic Segmentation", CVPR 2022. The weight of a
 * pixel is {@code exp(-KL(weak || strong))} of the decoder that labels. Pixels of a class are pasted across the border between annotated and
 * other images, classes that are not learned well more often. The second decoder is a copy of the first,
 * redrawn as the last layers of {@link Peers} are.
 *
 * <p>There is no code of the authors. Ours are: that the decoders part after the encoder; that labels are given in training mode; the
 * pasting, which follows AEL (see {@link ClassPaste}), and that pixels pasted from images without annotation are those of which
 * both decoders say the same, with weight 1, so that neither learns what it alone says; the strong view, which is that of
 * FixMatch. Departures: supervised learning on pasted annotated images comes in addition to that on plain ones, and counts only with the
 * unlabelled weight, as all that the second decoder learns. Released is the moving average of encoder and first decoder.
 *
 * <p>Streaming: both decoders and the confidence of each class go on in the next round; the latter says for which classes people should
 * be asked. Labels are made in every step, so stored pseudo-labels serve routing alone. The router may use the divergence between the two
 * decoders.
 */
public final class CrossHeadTraining implements Method {
    private static final String SECOND = "second";
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0);
    private static final Option PASTE =
            new Option("paste", 0.5, 0, 1, "chance that an image receives pixels of a class; the value is ours");
    private static final Option MEMORY = new Option(
            "confidence-memory",
            0.99,
            0,
            0.9999,
            "decay of the confidence of each class, a step; 0.999 in longer trainings");

    @Override
    public String name() {
        return "ucc";
    }

    @Override
    public String citation() {
        return "Fan, Gao, Jin, Jiang: UCC: Uncertainty Guided Cross-Head Co-Training for Semi-Supervised Semantic"
                + " Segmentation. CVPR 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, PASTE, MEMORY, Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        NetworkSource student = NetworkSource.START
                .with(Branch.decoder(SECOND, Taps.ENCODER, ExtraBranches.Start.COPIED))
                .withBranchRedrawn(settings.get(Peers.NOVELTY), SECOND);
        ClassConfidence confidence = new ClassConfidence(
                "class-confidence", settings.classes().values().size(), settings.get(MEMORY));
        ClassPaste paste = new ClassPaste(confidence, settings.get(PASTE));
        Schedule always = Schedule.constant(Math.min(1, settings.get(UNLABELLED_WEIGHT)));
        Schedule weight = Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP));
        LossTerm supervised = Supervision.crossEntropy(settings);
        return RoundPlan.single(Supervision.of(settings, student, "average")
                .keep(confidence)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("pasted", "weak", View.plain(), new Donor(Supervision.LABELLED_WEAK, Recipe.OWN, paste))
                .see("pasted-twice", "pasted", View.plain(), new Donor("weak", "both-say", paste))
                .see("strong", "pasted-twice", Views.strong())
                .see("labelled-pasted", Supervision.LABELLED_WEAK, View.plain(), new Donor("weak", "both-say", paste))
                .label(says("first-says", Labeler.argmax()))
                .label(says("second-says", Labeler.argmax(SECOND)))
                .label(says("both-say", PeerLabels.agreement(SECOND)))
                .learn(
                        "supervised-second",
                        Supervision.STUDENT,
                        Supervision.LABELLED_WEAK,
                        Recipe.OWN,
                        confidence.observing(supervised.on(SECOND)),
                        always)
                .learn("pasted-first", Supervision.STUDENT, "labelled-pasted", Recipe.OWN, supervised, weight)
                .learn(
                        "pasted-second",
                        Supervision.STUDENT,
                        "labelled-pasted",
                        Recipe.OWN,
                        supervised.on(SECOND),
                        weight)
                .learn(
                        "second-from-first",
                        Supervision.STUDENT,
                        "strong",
                        "first-says",
                        Divergence.steadyCrossEntropy(Reduction.VALID, SECOND, Outputs.LOGITS),
                        weight)
                .learn(
                        "first-from-second",
                        Supervision.STUDENT,
                        "strong",
                        "second-says",
                        Divergence.steadyCrossEntropy(Reduction.VALID, Outputs.LOGITS, SECOND),
                        weight)
                .export("average"));
    }

    private static Labelling says(String name, Labeler labeler) {
        return Labelling.of(name, List.of(Supervision.STUDENT), "weak", labeler).inTraining();
    }
}
