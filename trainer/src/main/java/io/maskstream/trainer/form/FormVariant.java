package io.maskstream.trainer.form;

import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.evaluation.Gate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One form of a release and what was found of it.
 *
 * @param form which
 * @param file the ONNX file; null where the form could not be made
 * @param parity how near it comes to float32; null where it could not be run
 * @param evaluation its own quality; null where it could not be run
 * @param gate whether it may serve, held against float32, or why it could not be made
 */
public record FormVariant(
        ModelForm form,
        @Nullable Path file,
        @Nullable Parity parity,
        @Nullable EvaluationReport evaluation,
        Gate.Verdict gate) {

    /** Returns a form that could not be made or run. */
    static FormVariant failed(ModelForm form, @Nullable Path file, String why) {
        return new FormVariant(form, file, null, null, new Gate.Verdict(false, why, null, null, null, 0));
    }
}
