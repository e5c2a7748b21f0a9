package io.maskstream.inference;

import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.model.InferenceModel;
import java.time.Instant;

/**
 * A model that was admitted, open and warm.
 *
 * @param version its version, as its release names it
 * @param round rounds of learning behind it
 * @param form the numeric form that runs
 * @param publishedAt when its release was published
 * @param model the open model; closed by whoever runs it after its last batch
 */
record ServingModel(String version, int round, ModelForm form, Instant publishedAt, InferenceModel model)
        implements AutoCloseable {
    @Override
    public void close() {
        model.close();
    }
}
