package io.maskstream.trainer.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.form.Float16Form;
import io.maskstream.segmentation.form.Int8Form;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.data.Shuffle;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationResult;
import io.maskstream.trainer.evaluation.Gate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the other numeric forms of a float32 file, evaluates each, and gates it against float32 on the same images.
 *
 * <p>A form may cost mIoU, since that is what its speed is bought with, but no more than the tolerance, in the mean and at
 * the lower end of the paired bootstrap interval; no class may fall by more than ten times the tolerance and the calibration
 * error may rise by no more than five times. A form that cannot be made or run is a finding like any other and throws nothing.
 */
public final class ReleaseForms {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseForms.class);
    private static final long CALIBRATION = 0x666f726d; // apart from all else that is drawn from the seed

    private final double tolerance;
    private final Device device;

    /**
     * @param tolerance most that the mIoU of a form may lie below that of float32
     * @param device where float16 is evaluated; int8 is always evaluated on the processor, which it is for
     */
    public ReleaseForms(double tolerance, Device device) {
        this.tolerance = tolerance;
        this.device = device;
    }

    /**
     * Makes forms of a released file, each in a file beside it.
     *
     * @param released the float32 file
     * @param reference what float32 reaches on the evaluation images
     * @param evaluation images that the forms are judged on
     * @param calibration images for the ranges of int8, none of them of {@code evaluation}
     * @return one finding a form, float32 aside
     */
    public List<FormVariant> make(
            Path released,
            List<ModelForm> forms,
            EvaluationResult reference,
            Examples evaluation,
            List<RgbImage> calibration) {
        List<FormVariant> variants = new ArrayList<>();
        for (ModelForm form : forms) {
            if (form != ModelForm.FLOAT32) {
                variants.add(make(released, form, reference, evaluation, calibration));
            }
        }
        return variants;
    }

    private FormVariant make(
            Path released,
            ModelForm form,
            EvaluationResult reference,
            Examples evaluation,
            List<RgbImage> calibration) {
        Path file = form.beside(released);
        try {
            ModelFile.write(file, convert(ModelFile.read(released), form, calibration));
        } catch (IOException | RuntimeException e) {
            LOG.warn("the {} form of {} could not be made", form.wireName(), released.getFileName(), e);
            return FormVariant.failed(form, null, "it could not be made: " + e.getMessage());
        }
        try {
            return judge(released, file, form, reference, evaluation);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the {} form of {} could not be run", form.wireName(), released.getFileName(), e);
            return FormVariant.failed(form, file, "it could not be run: " + e.getMessage());
        }
    }

    /**
     * Converts a float32 model.
     *
     * @throws IOException if the model cannot take that form, saying why
     */
    static ModelProto convert(ModelProto released, ModelForm form, List<RgbImage> calibration) throws IOException {
        return switch (form) {
            case FLOAT32 -> released;
            case FLOAT16 -> Float16Form.of(released);
            case INT8 -> Int8Form.of(released, calibration, Int8Form.Settings.usual());
        };
    }

    /**
     * Evaluates a file that is there and gates it.
     *
     * @param released the float32 file
     * @param file its other form
     * @throws IOException if a file cannot be taken
     * @throws io.maskstream.segmentation.model.ModelRunException if the form gives what is no number
     */
    public FormVariant judge(Path released, Path file, ModelForm form, EvaluationResult reference, Examples evaluation)
            throws IOException {
        Device where = form == ModelForm.INT8 ? Device.CPU : device;
        try (InferenceModel full = InferenceModel.open(released, device);
                InferenceModel other = InferenceModel.open(file, where)) {
            EvaluationResult result = Evaluation.of(other, evaluation);
            Gate.Rival float32 = new Gate.Rival(full.metadata().version() + " in float32", reference, true);
            Gate.Rules rules = new Gate.Rules(-tolerance, tolerance, 10 * tolerance, 5 * tolerance);
            return new FormVariant(
                    form,
                    file,
                    Parity.of(full, other, pictures(evaluation)),
                    result.report(),
                    Gate.decide(result, List.of(float32), rules, Evaluation.SEED));
        }
    }

    private static Iterable<RgbImage> pictures(Examples examples) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < examples.size();
            }

            @Override
            public RgbImage next() {
                return examples.get(next++).image();
            }
        };
    }

    /**
     * Draws calibration images from what was learned from.
     *
     * @param most how many at most
     * @throws UncheckedIOException if an image cannot be read
     */
    public static List<RgbImage> calibration(List<Examples> learned, int most, long seed) {
        int all = learned.stream().mapToInt(Examples::size).sum();
        List<RgbImage> images = new ArrayList<>();
        if (all > 0) {
            Shuffle order = new Shuffle(all, Draws.mix(seed, CALIBRATION));
            for (int i = 0; i < Math.min(all, most); i++) {
                images.add(at(learned, order.at(i)));
            }
        }
        return images;
    }

    private static RgbImage at(List<Examples> learned, int index) {
        int left = index;
        for (Examples examples : learned) {
            if (left < examples.size()) {
                return examples.get(left).image();
            }
            left -= examples.size();
        }
        throw new IndexOutOfBoundsException(index);
    }
}
