package io.maskstream.labeling;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Real tasks, small: a drawn scene as PNG, its pre-filled mask and its confidence. */
final class LabelTasks {
    static final Instant CREATED = Instant.ofEpochMilli(1_750_000_000_000L);
    static final List<String> CLASSES = List.of("sky", "road", "car", "tree");

    private LabelTasks() {}

    /** A street of sky above and road below, a car on it, drawn by arithmetic. */
    static RgbImage picture(int height, int width) {
        byte[] pixels = new byte[3 * height * width];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                int at = 3 * (row * width + column);
                int rgb = isCar(row, column, height, width) ? 0xb03a2e : row < height / 2 ? 0x8ec5ff : 0x6b6f76;
                int grain = (row * 31 + column * 17) % 23 - 11;
                pixels[at] = (byte) Math.min(255, Math.max(0, (rgb >> 16) + grain));
                pixels[at + 1] = (byte) Math.min(255, Math.max(0, (rgb >> 8 & 255) + grain));
                pixels[at + 2] = (byte) Math.min(255, Math.max(0, (rgb & 255) + grain));
            }
        }
        return new RgbImage(height, width, Bytes.wrap(pixels));
    }

    /** Sky 0 and road 1; the car is missing, as a weak model would leave it. */
    static Mask prefill(int height, int width) {
        byte[] classes = new byte[height * width];
        for (int i = height / 2 * width; i < classes.length; i++) {
            classes[i] = 1;
        }
        return new Mask(height, width, Bytes.wrap(classes));
    }

    static boolean isCar(int row, int column, int height, int width) {
        return row >= height * 5 / 10 && row < height * 7 / 10 && column >= width * 4 / 10 && column < width * 6 / 10;
    }

    static LabelTask task(String id, double priority, int height, int width) {
        byte[] image = ImageEncoder.png(picture(height, width));
        byte[] confidence = new byte[height * width];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                confidence[row * width + column] = (byte) (isCar(row, column, height, width) ? 90 : 245);
            }
        }
        return LabelTask.newBuilder()
                .setTaskId(id)
                .setImageId(id)
                .setSource("camera-1")
                .setContent(ImageContent.newBuilder()
                        .setSha256("0".repeat(64))
                        .setMediaType("image/png")
                        .setWidth(width)
                        .setHeight(height)
                        .setSizeBytes(image.length)
                        .setBytes(ByteBuffer.wrap(image))
                        .build())
                .setAttributes(Map.of("name", id + ".png"))
                .setReason(Reason.UNCERTAIN)
                .setSplit(Split.TRAIN)
                .setPriority(priority)
                .setModelVersion("v1")
                .setMask(ByteBuffer.wrap(GreyPng.encode(prefill(height, width))))
                .setConfidence(
                        ByteBuffer.wrap(GreyPng.encode(new ConfidenceMap(height, width, Bytes.wrap(confidence)))))
                .setScores(Map.of("entropy", 0.8))
                .setInclusionProbability(1)
                .setCreatedAt(CREATED)
                .build();
    }

    static ModelRelease release(String version, ModelStatus status, List<String> classes, Instant at) {
        return ModelRelease.newBuilder()
                .setLine("main")
                .setVersion(version)
                .setParent(null)
                .setRound(0)
                .setStatus(status)
                .setArtefact(StoredArtefact.newBuilder()
                        .setReference("sha256/" + "0".repeat(64))
                        .setSha256("0".repeat(64))
                        .setSizeBytes(1)
                        .build())
                .setClasses(classes)
                .setMethod("none")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setMetrics(null)
                .setGate(null)
                .setTemperature(1)
                .setReleasedAt(at)
                .build();
    }

    static LabelEvent.Builder event(String taskId, LabelEventKind kind, String annotator, String request, Instant at) {
        return LabelEvent.newBuilder()
                .setTaskId(taskId)
                .setKind(kind)
                .setAnnotator(annotator)
                .setRequestId(request)
                .setAt(at);
    }
}
