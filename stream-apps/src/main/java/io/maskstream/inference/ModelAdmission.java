package io.maskstream.inference;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.ModelRunException;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

    ModelAdmission(InferenceConfig config, ContentStore store, ModelTrial trial) {
        this.config = config;
        this.store = store;
        this.trial = trial;
    }

    /**
     * Returns the model of a release, open and warm.
     *
     * @throws RefusedReleaseException if it cannot serve
     */
    ServingModel admit(ReleaseLine.Published published) throws RefusedReleaseException, InterruptedException {
        ModelRelease release = published.release();
        Path file = fetch(release);
        try {
            trial.run(file);
        } catch (IOException e) {
            throw new RefusedReleaseException("its trial run could not be started: " + e.getMessage(), e);
        }
        InferenceModel model;
        try {
            model = InferenceModel.open(file, Device.parse(config.device()), config.threads());
        } catch (IOException | RuntimeException e) {
            throw new RefusedReleaseException("it cannot be opened: " + e.getMessage(), e);
        }
        try {
            compare(release, model.metadata());
            warmUp(model);
        } catch (ModelRunException e) {
            model.close();
            throw new RefusedReleaseException("it cannot be run: " + e.getMessage(), e);
        } catch (RefusedReleaseException | RuntimeException e) {
            model.close();
            throw e;
        }
        LOG.info("Model {} of line {} runs on {}", release.getVersion(), release.getLine(), model.device());
        return new ServingModel(release.getVersion(), release.getRound(), published.publishedAt(), model);
    }

    private Path fetch(ModelRelease release) throws RefusedReleaseException, InterruptedException {
        String sha256 = release.getArtefact().getSha256();
        String key = release.getArtefact().getReference();
        if (!DIGEST.matcher(sha256).matches() || !key.equals("sha256/" + sha256)) {
            throw new RefusedReleaseException(
                    "its artefact's reference must be sha256/ and its digest, found " + key + " beside " + sha256);
        }
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                Path file = store.localFile(key);
                long size = Files.size(file);
                if (size != release.getArtefact().getSizeBytes()) {
                    throw new RefusedReleaseException("its artefact has " + size + " bytes, the release says "
                            + release.getArtefact().getSizeBytes());
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
