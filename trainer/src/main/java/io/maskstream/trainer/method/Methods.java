package io.maskstream.trainer.method;

import io.maskstream.trainer.method.baseline.FixMatch;
import io.maskstream.trainer.method.baseline.Supervised;
import io.maskstream.trainer.method.baseline.UniMatch;
import io.maskstream.trainer.method.mutual.ConflictConsistency;
import io.maskstream.trainer.method.mutual.CrossHeadTraining;
import io.maskstream.trainer.method.mutual.CrossPseudoSupervision;
import io.maskstream.trainer.method.mutual.Dmt;
import io.maskstream.trainer.method.mutual.DmtPle;
import io.maskstream.trainer.method.mutual.ManyCrossSupervision;
import io.maskstream.trainer.method.mutual.MutualLearning;
import io.maskstream.trainer.method.optimisation.ConservativeProgressive;
import io.maskstream.trainer.method.optimisation.PerturbedMeanTeachers;
import io.maskstream.trainer.method.refinement.ClassAdaptive;
import io.maskstream.trainer.method.refinement.CrossSetContrast;
import io.maskstream.trainer.method.refinement.Dars;
import io.maskstream.trainer.method.refinement.DebiasedSelfTraining;
import io.maskstream.trainer.method.refinement.GentleTeachingAssistant;
import io.maskstream.trainer.method.refinement.ThreeStageTraining;
import io.maskstream.trainer.method.single.ErrorLocalisationTraining;
import io.maskstream.trainer.method.single.Gist;
import io.maskstream.trainer.method.single.MeanTeacher;
import io.maskstream.trainer.method.single.PseudoLabelling;
import io.maskstream.trainer.method.single.ResidualCorrectionTraining;
import io.maskstream.trainer.method.single.Rist;
import io.maskstream.trainer.method.single.SelfCrossSupervision;
import io.maskstream.trainer.method.single.StPlusPlus;
import java.util.List;

/** The learning methods that configuration can name; a new one is one class and one line here. */
public final class Methods {
    private static final List<Method> ALL = List.of(
            new Supervised(),
            new FixMatch(),
            new UniMatch(),
            new MeanTeacher(),
            new PseudoLabelling(),
            new SelfCrossSupervision(),
            new ErrorLocalisationTraining(),
            new ResidualCorrectionTraining(),
            new Gist(),
            new Rist(),
            new StPlusPlus(),
            new MutualLearning(),
            new CrossPseudoSupervision(),
            new ManyCrossSupervision(),
            new CrossHeadTraining(),
            new ConflictConsistency(),
            new Dmt(),
            new DmtPle(),
            new ThreeStageTraining(),
            new DebiasedSelfTraining(),
            new Dars(),
            new CrossSetContrast(),
            new ClassAdaptive(),
            new GentleTeachingAssistant(),
            new PerturbedMeanTeachers(),
            new ConservativeProgressive());

    private Methods() {}

    /** Returns every method, by category and name. */
    public static List<Method> all() {
        return ALL;
    }

    /** Returns the method of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static Method named(String name) {
        return ALL.stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no method " + name + "; there are "
                        + ALL.stream().map(Method::name).toList()));
    }
}
