package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.pool.LabelMerge;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import java.util.List;

/**
 * {@link Dmt} that does not forget: the labels of the turn before are merged into the new ones, before the threshold, and the merged ones
 * are the earlier ones of the next turn.
 *
 * <p>Zhou et al., "Catastrophic Forgetting Problem in Semi-Supervised Semantic Segmentation", IEEE Access 2022. The paper's formula is not
 * public: that labels are rehearsed and conflicts reduced is theirs, the rules of {@link LabelMerge} are ours. An earlier confidence fades
 * a little with every turn, so that a label that was surely wrong does not live for ever.
 *
 * <p>Streaming: as {@link Dmt}; the earliest labels are those that came with the pool's images, the router's by an earlier version. Their
 * confidence is not known, so an option gives it.
 */
public final class DmtPle implements Method {
    private static final List<LabelMerge> RULES = List.of(
            LabelMerge.CONFIDENCE, LabelMerge.CURRENT, LabelMerge.PREVIOUS, LabelMerge.IGNORE, LabelMerge.FOREGROUND);
    private static final Option CONFLICT = new Option(
            "conflict",
            0,
            0,
            4,
            "where labels differ: 0 the surer, 1 the current, 2 the previous, 3 none, 4 not class 0; ours");
    private static final Option FADING =
            new Option("fading", 0.9, 0, 1, "factor on the confidence of earlier labels, a turn; ours");
    private static final Option SURE =
            new Option("stored-confidence", 0.5, 0, 1, "confidence of labels that came with the images; ours");

    @Override
    public String name() {
        return "dmt-ple";
    }

    @Override
    public String citation() {
        return "Zhou et al.: Catastrophic Forgetting Problem in Semi-Supervised Semantic Segmentation. IEEE Access 2022";
    }

    @Override
    public List<Option> options() {
        return DynamicMutualPlan.options(CONFLICT, FADING, SURE);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        LabelMerge rule = RULES.get(settings.count(CONFLICT));
        return DynamicMutualPlan.of(
                settings, new DynamicMutualPlan.Rehearsal(rule, settings.get(FADING), settings.get(SURE)));
    }
}
