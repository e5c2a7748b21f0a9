package io.maskstream.trainer.run;

import io.maskstream.schemas.event.FormParity;
import io.maskstream.schemas.event.ReleaseVariant;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.evaluation.EvaluationResult;
import io.maskstream.trainer.form.FormVariant;
import io.maskstream.trainer.form.ReleaseForms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the forms that the settings ask for of a round's champion, stores them, and says of each what was found. */
final class RoundVariants {
    private static final Logger LOG = LoggerFactory.getLogger(RoundVariants.class);

    private final TrainLoopConfig config;
    private final ContentStore store;
    private final ReleaseForms forms;

    RoundVariants(TrainLoopConfig config, ContentStore store, Device device) {
        this.config = config;
        this.store = store;
        this.forms = new ReleaseForms(config.formTolerance(), device);
    }

    /**
     * Returns what the release says of its forms.
     *
     * @param candidate the float32 file
     * @param result what it reached on {@code evaluation}
     * @param learned what it learned from, where the calibration images are drawn from
     * @throws IOException if a form cannot be stored
     */
    List<ReleaseVariant> make(Path candidate, EvaluationResult result, Examples evaluation, List<Examples> learned)
            throws IOException {
        List<ReleaseVariant> variants = new ArrayList<>();
        if (config.forms().isEmpty()) {
            return variants;
        }
        for (FormVariant variant : forms.make(
                candidate,
                config.forms(),
                result,
                evaluation,
                ReleaseForms.calibration(learned, config.formCalibration(), config.seed()))) {
            LOG.info(
                    "the {} form {}: {}",
                    variant.form().wireName(),
                    variant.gate().passed() ? "passed" : "did not pass",
                    variant.gate().explanation());
            variants.add(described(variant));
            Path file = variant.file();
            if (file != null) {
                Files.deleteIfExists(file);
            }
        }
        return variants;
    }

    private ReleaseVariant described(FormVariant variant) throws IOException {
        Path file = variant.file();
        Parity parity = variant.parity();
        EvaluationReport evaluation = variant.evaluation();
        return ReleaseVariant.newBuilder()
                .setForm(variant.form().wireName())
                .setArtefact(file == null ? null : Releases.store(store, file))
                .setParity(
                        parity == null
                                ? null
                                : new FormParity(
                                        parity.images(),
                                        parity.sameClass(),
                                        parity.maxDifference(),
                                        parity.meanDifference()))
                .setMetrics(evaluation == null ? null : Releases.metrics(evaluation))
                .setGate(Releases.verdict(variant.gate()))
                .build();
    }
}
