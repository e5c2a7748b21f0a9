package io.maskstream.trainer.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.form.Int8Form;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a form gains in speed and costs in quality, side by side.
 *
 * <p>The forms take turns on the same prepared images, so that what else the machine does meets them all; a speed is that of the
 * median turn. Decoding and resizing are left out, the pseudo-label head is not.
 */
public final class FormsBench {
    private static final int BATCH = 8;

    private final int rounds;

    /**
     * @param rounds turns of each form, at least 1
     */
    public FormsBench(int rounds) {
        this.rounds = rounds;
    }

    /**
     * One form's figures.
     *
     * @param form its name
     * @param megabytes size of the file
     * @param integerConvolutions convolutions that compute in integers
     * @param imagesPerSecond by the number of threads of one operator; {@code all} is as many as there are processors
     * @param speedup the same over float32's in the same run
     * @param evaluation quality on the evaluation images
     * @param parity how near it comes to float32; null for float32 itself
     */
    public record Row(
            String form,
            double megabytes,
            long integerConvolutions,
            Map<String, Double> imagesPerSecond,
            Map<String, Double> speedup,
            EvaluationReport evaluation,
            @Nullable Parity parity) {}

    /**
     * Measures the forms of a model on the processor; float16 only where {@code forms} names it, since processors compute it
     * through float32.
     *
     * @param released float32
     * @param forms beside float32
     * @param evaluation images with masks
     * @param calibration for int8, none of them of {@code evaluation}
     * @throws IOException if a form cannot be made
     */
    public List<Row> run(ModelProto released, List<ModelForm> forms, Examples evaluation, List<RgbImage> calibration)
            throws IOException {
        Map<ModelForm, ModelProto> models = new LinkedHashMap<>();
        models.put(ModelForm.FLOAT32, released);
        for (ModelForm form : forms) {
            models.put(form, ReleaseForms.convert(released, form, calibration));
        }
        Map<ModelForm, Map<String, Double>> speeds = new LinkedHashMap<>();
        models.keySet().forEach(form -> speeds.put(form, new LinkedHashMap<>()));
        for (int threads : new int[] {1, 0}) {
            times(models, threads, evaluation).forEach((form, speed) -> Objects.requireNonNull(speeds.get(form))
                    .put(threads == 0 ? "all" : Integer.toString(threads), speed));
        }
        List<Row> rows = new ArrayList<>();
        try (InferenceModel reference = InferenceModel.of(released, Device.CPU, 0)) {
            List<RgbImage> pictures = new ArrayList<>();
            for (int i = 0; i < evaluation.size(); i++) {
                pictures.add(evaluation.get(i).image());
            }
            for (Map.Entry<ModelForm, ModelProto> entry : models.entrySet()) {
                try (InferenceModel model = InferenceModel.of(entry.getValue(), Device.CPU, 0)) {
                    boolean isReference = entry.getKey() == ModelForm.FLOAT32;
                    Map<String, Double> speed = Objects.requireNonNull(speeds.get(entry.getKey()));
                    rows.add(new Row(
                            entry.getKey().wireName(),
                            entry.getValue().getSerializedSize() / 1e6,
                            Int8Form.integerConvolutions(entry.getValue()),
                            speed,
                            ratios(speed, Objects.requireNonNull(speeds.get(ModelForm.FLOAT32))),
                            Evaluation.of(model, evaluation).report(),
                            isReference ? null : Parity.of(reference, model, pictures)));
                }
            }
        }
        return rows;
    }

    private static Map<String, Double> ratios(Map<String, Double> speeds, Map<String, Double> reference) {
        Map<String, Double> ratios = new LinkedHashMap<>();
        speeds.forEach((threads, speed) -> ratios.put(threads, speed / reference.getOrDefault(threads, Double.NaN)));
        return ratios;
    }

    private Map<ModelForm, Double> times(Map<ModelForm, ModelProto> models, int threads, Examples evaluation)
            throws IOException {
        Map<ModelForm, InferenceModel> open = new LinkedHashMap<>();
        try {
            for (Map.Entry<ModelForm, ModelProto> entry : models.entrySet()) {
                open.put(entry.getKey(), InferenceModel.of(entry.getValue(), Device.CPU, threads));
            }
            List<PreparedImage> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(BATCH, evaluation.size()); i++) {
                InferenceModel any = open.values().iterator().next();
                batch.add(any.prepare(evaluation.get(i).image()));
            }
            Map<ModelForm, double[]> seconds = new LinkedHashMap<>();
            for (Map.Entry<ModelForm, InferenceModel> entry : open.entrySet()) {
                entry.getValue().runPrepared(batch); // warm
                seconds.put(entry.getKey(), new double[rounds]);
            }
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<ModelForm, InferenceModel> entry : open.entrySet()) {
                    long start = System.nanoTime();
                    entry.getValue().runPrepared(batch);
                    Objects.requireNonNull(seconds.get(entry.getKey()))[round] = (System.nanoTime() - start) / 1e9;
                }
            }
            Map<ModelForm, Double> speeds = new LinkedHashMap<>();
            seconds.forEach((form, turns) -> {
                Arrays.sort(turns);
                speeds.put(form, batch.size() / turns[rounds / 2]);
            });
            return speeds;
        } finally {
            open.values().forEach(InferenceModel::close);
        }
    }
}
