package io.maskstream.trainer.run;

import io.maskstream.schemas.event.GateVerdict;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.evaluation.Gate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The trainer's findings as events say them. */
final class Releases {
    private Releases() {}

    /** Puts a file into the store and returns what an event says of it. */
    static StoredArtefact store(ContentStore store, Path file) throws IOException {
        String key = store.put(file);
        return StoredArtefact.newBuilder()
                .setReference(key)
                .setSha256(key.substring(key.indexOf('/') + 1))
                .setSizeBytes(Files.size(file))
                .build();
    }

    static ModelMetrics metrics(EvaluationReport report) {
        return ModelMetrics.newBuilder()
                .setImages(report.images())
                .setPixelAccuracy(report.pixelAccuracy())
                .setMeanAccuracy(report.meanAccuracy())
                .setMiou(report.miou())
                .setMiouLow(report.miouLow())
                .setMiouHigh(report.miouHigh())
                .setWeightedIou(report.weightedIou())
                .setBoundaryIou(orNull(report.boundaryIou()))
                .setEce(orNull(report.ece()))
                .setPerClassIou(report.perClassIou())
                .build();
    }

    static GateVerdict verdict(Gate.Verdict verdict) {
        return GateVerdict.newBuilder()
                .setPassed(verdict.passed())
                .setExplanation(verdict.explanation())
                .setAgainst(verdict.against())
                .setDelta(verdict.delta())
                .setDeltaLow(verdict.deltaLow())
                .setImages(verdict.images())
                .build();
    }

    private static @Nullable Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
