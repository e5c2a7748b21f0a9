package io.maskstream.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.form.Int8Form;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.ModelRunException;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a released model in, or says why not: fetched by its digest, tried in a child process, opened here, compared with
 * its release, and run until it is warm.
 */
final class ModelAdmission {
    private static final Logger LOG = LoggerFactory.getLogger(ModelAdmission.class);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int STORE_TRIES = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final InferenceConfig config;
    private final ContentStore store;
    private final ModelTrial trial;
    private final InferenceMetrics metrics;
    private final AtomicBoolean fallbackLogged = new AtomicBoolean();

    ModelAdmission(InferenceConfig config, ContentStore store, ModelTrial trial, InferenceMetrics metrics) {
        this.config = config;
        this.store = store;
        this.trial = trial;
        this.metrics = metrics;
    }

    /**
     * Returns the model of a release, open and warm, in the form that is asked for or else in float32.
     *
     * @throws RefusedReleaseException if it cannot serve
     */
    ServingModel admit(ReleaseLine.Published published) throws RefusedReleaseException, InterruptedException {
        ModelRelease release = published.release();
        boolean onAccelerator = Device.parse(config.device()).mayBeAccelerator();
        FormSelection selection = FormSelection.of(release, config.form().wanted(onAccelerator));
        if (selection.form() != ModelForm.FLOAT32) {
            try {
                ServingModel model = open(published, selection);
                metrics.formFallback(false);
                return model;
            } catch (RefusedReleaseException e) {
                selection = FormSelection.float32(
                        release, "its " + selection.form().wireName() + " form cannot serve: " + e.getMessage());
            }
        }
        ServingModel model = open(published, selection);
        boolean isFallback = selection.instead() != null && config.form() != FormChoice.AUTO;
        metrics.formFallback(isFallback);
        if (isFallback && fallbackLogged.compareAndSet(false, true)) {
            LOG.warn(
                    "Release {} serves in float32, not as inference.form = {} asks: {}. Later ones are not logged, see the"
                            + " metric inference.form.fallback",
                    release.getVersion(),
                    config.form().name().toLowerCase(Locale.ROOT),
                    selection.instead());
        }
        return model;
    }

    private ServingModel open(ReleaseLine.Published published, FormSelection selection)
            throws RefusedReleaseException, InterruptedException {
        ModelRelease release = published.release();
        Path file = fetch(selection.artefact());
        try {
            trial.run(file);
        } catch (IOException e) {
            throw new RefusedReleaseException("its trial run could not be started: " + e.getMessage(), e);
        }
        InferenceModel model;
        try {
            ModelProto proto = ModelFile.read(file);
            if (!Int8Form.isExactHere(proto)) {
                throw new RefusedReleaseException("its weights take 8 bits, which this processor, having no VNNI,"
                        + " multiplies with overflow; train where there is none either, and they take 7");
            }
            model = InferenceModel.of(proto, Device.parse(config.device()), config.threads());
        } catch (IOException | RuntimeException e) {
            throw new RefusedReleaseException("it cannot be opened: " + e.getMessage(), e);
        }
        try {
            compare(release, model.metadata());
            if (config.form() == FormChoice.AUTO
                    && selection.form() == ModelForm.FLOAT16
                    && model.device().kind() == Device.Kind.CPU) {
                throw new RefusedReleaseException("there is no accelerator that works");
            }
            warmUp(model);
        } catch (ModelRunException e) {
            model.close();
            throw new RefusedReleaseException("it cannot be run: " + e.getMessage(), e);
        } catch (RefusedReleaseException | RuntimeException e) {
            model.close();
            throw e;
        }
        LOG.info(
                "Model {} of line {} runs in {} on {}",
                release.getVersion(),
                release.getLine(),
                selection.form().wireName(),
                model.device());
        return new ServingModel(
                release.getVersion(), release.getRound(), selection.form(), published.publishedAt(), model);
    }

    private Path fetch(StoredArtefact artefact) throws RefusedReleaseException, InterruptedException {
        String sha256 = artefact.getSha256();
        String key = artefact.getReference();
        if (!DIGEST.matcher(sha256).matches() || !key.equals("sha256/" + sha256)) {
            throw new RefusedReleaseException(
                    "its artefact's reference must be sha256/ and its digest, found " + key + " beside " + sha256);
        }
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                Path file = store.localFile(key);
                long size = Files.size(file);
                if (size != artefact.getSizeBytes()) {
                    throw new RefusedReleaseException(
                            "its artefact has " + size + " bytes, the release says " + artefact.getSizeBytes());
                }
                return file;
            } catch (NoSuchFileException e) {
                throw new RefusedReleaseException("the content store has no " + key + "; release it again", e);
            } catch (IOException e) {
                if (attempt == STORE_TRIES) {
                    throw new RefusedReleaseException(
                            "the content store did not give its artefact in " + attempt + " tries: " + e.getMessage(),
                            e);
                }
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2);
            }
        }
    }

    private static void compare(ModelRelease release, ModelMetadata metadata) throws RefusedReleaseException {
        List<String> inFile = metadata.classes().names();
        if (!inFile.equals(release.getClasses())) {
            throw new RefusedReleaseException(
                    "the release says classes " + release.getClasses() + ", its file has " + inFile);
        }
    }

    private void warmUp(InferenceModel model) {
        int height = model.metadata().input().height();
        int width = model.metadata().input().width();
        List<RgbImage> batch = ModelTrialMain.noise(config.batchSize(), height, width);
        model.run(batch.subList(0, 1));
        model.run(batch);
    }
}
