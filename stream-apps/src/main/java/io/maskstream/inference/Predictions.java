package io.maskstream.inference;

import io.maskstream.schemas.event.ClassFigure;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.RegionScores;
import io.maskstream.schemas.event.StageTimings;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.model.ModelOutput;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Turns what a model says of an image into the event that says so. */
final class Predictions {
    private Predictions() {}

    /**
     * Returns the prediction without its timings' encoding part, which {@link Timings} brings.
     *
     * @param event the image's own event; its content and attributes are carried on
     * @param version of the one model that made all of the output
     * @param round rounds of learning behind that version
     * @param form the numeric form of it that was run
     */
    static Prediction of(
            ImageArrived event,
            String version,
            int round,
            ModelForm form,
            ModelOutput output,
            Timings timings,
            Instant predictedAt) {
        long start = System.nanoTime();
        ByteBuffer mask = ByteBuffer.wrap(GreyPng.encode(output.mask()));
        ByteBuffer confidence = ByteBuffer.wrap(GreyPng.encode(output.confidence()));
        double encodeMillis = timings.mapMillis() + (System.nanoTime() - start) / 1e6;
        return Prediction.newBuilder()
                .setImageId(event.getId())
                .setSource(event.getSource())
                .setCapturedAt(event.getCapturedAt())
                .setContent(event.getContent())
                .setAttributes(event.getAttributes())
                .setModelVersion(version)
                .setModelRound(round)
                .setMask(mask)
                .setConfidence(confidence)
                .setClassFigures(figures(output))
                .setScores(output.scores())
                .setRegions(RegionScores.newBuilder()
                        .setColumns(output.regions().columns())
                        .setRows(output.regions().rows())
                        .setScores(ByteBuffer.wrap(output.regions().scores().toArray()))
                        .build())
                .setTimings(StageTimings.newBuilder()
                        .setDecodeMillis(timings.decodeMillis())
                        .setQueueMillis(timings.queueMillis())
                        .setRunMillis(timings.runMillis())
                        .setEncodeMillis(encodeMillis)
                        .setBatchSize(timings.batchSize())
                        .build())
                .setPredictedAt(predictedAt)
                .setModelForm(form.wireName())
                .build();
    }

    /**
     * Where the time of one image went, in milliseconds.
     *
     * @param decodeMillis reading, decoding and resizing
     * @param queueMillis waiting for its batch
     * @param runMillis the whole batch's run
     * @param mapMillis bringing the maps back to the image's size
     * @param batchSize images in the batch
     */
    record Timings(double decodeMillis, double queueMillis, double runMillis, double mapMillis, int batchSize) {}

    private static List<ClassFigure> figures(ModelOutput output) {
        List<ClassFigure> figures = new ArrayList<>();
        for (ModelOutput.ClassCount count : output.classFigures()) {
            figures.add(ClassFigure.newBuilder()
                    .setClassId(count.classId())
                    .setPixels(count.pixels())
                    .setConfidenceHistogram(count.confidenceHistogram())
                    .build());
        }
        return figures;
    }
}
