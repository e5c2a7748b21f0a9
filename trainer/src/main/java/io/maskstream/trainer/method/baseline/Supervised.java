package io.maskstream.trainer.method.baseline;

import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Learning from annotations alone, under weak augmentation: what every other method has to beat.
 *
 * <p>All of it is {@link Supervision}, which the other methods start from as well, so the comparison stays fair.
 */
public final class Supervised implements Method {
    @Override
    public String name() {
        return "supervised";
    }

    @Override
    public String citation() {
        return "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015";
    }

    @Override
    public List<Option> options() {
        return Supervision.options();
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(Supervision.of(settings, "average").export("average"));
    }
}
