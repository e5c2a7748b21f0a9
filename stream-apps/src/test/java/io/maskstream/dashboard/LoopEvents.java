package io.maskstream.dashboard;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.BudgetState;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.GateVerdict;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.QualityReport;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.RegionScores;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.StageTimings;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.event.TrainingSample;
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
import org.jspecify.annotations.Nullable;

/** The events of a small loop: pictures of a bright disc on a blue ground, and everything that is said of them. */
final class LoopEvents {
    static final Instant NOON = Instant.parse("2026-05-04T12:00:00Z");
    static final int HEIGHT = 96;
    static final int WIDTH = 128;

    private LoopEvents() {}

    static ImageArrived image(String id) {
        return ImageArrived.newBuilder()
                .setId(id)
                .setSource("camera-1")
                .setCapturedAt(NOON)
                .setPublishedAt(NOON)
                .setContent(content())
                .setAttributes(Map.of())
                .build();
    }

    static Prediction prediction(String id, String version, int round, Instant at) {
        return prediction(id, version, round, at, content(), GreyPng.encode(discMask()));
    }

    static Prediction prediction(
            String id, String version, int round, Instant at, ImageContent content, byte[] maskPng) {
        return Prediction.newBuilder()
                .setImageId(id)
                .setSource("camera-1")
                .setCapturedAt(at)
                .setContent(content)
                .setAttributes(Map.of())
                .setModelVersion(version)
                .setModelRound(round)
                .setMask(ByteBuffer.wrap(maskPng))
                .setConfidence(ByteBuffer.wrap(GreyPng.encode(sureInside())))
                .setClassFigures(List.of())
                .setScores(Map.of("entropy", 0.4))
                .setRegions(new RegionScores(1, 1, ByteBuffer.wrap(new byte[] {100})))
                .setEmbedding(null)
                .setTimings(new StageTimings(1.0, 1.0, 1.0, 1.0, 4))
                .setPredictedAt(at)
                .build();
    }

    static Decision decision(String id, String version, Route route, Reason reason, Instant at) {
        return Decision.newBuilder()
                .setImageId(id)
                .setSource("camera-1")
                .setSha256("0".repeat(64))
                .setModelVersion(version)
                .setModelRound(1)
                .setRoute(route)
                .setReason(reason)
                .setSplit(Split.TRAIN)
                .setScore("entropy")
                .setScoreValue(0.4)
                .setScores(Map.of("entropy", 0.4))
                .setLearnAtMost(0.1)
                .setAskAtLeast(0.3)
                .setPolicyVersion("p1")
                .setCalibration(null)
                .setBudget(new BudgetState(7.5, 20.0, 60.0))
                .setAudit(false)
                .setRandomArm(false)
                .setInclusionProbability(0.1)
                .setDecidedAt(at)
                .build();
    }

    static LabelTask task(String id, double priority) {
        return LabelTask.newBuilder()
                .setTaskId(id)
                .setImageId(id)
                .setSource("camera-1")
                .setContent(content())
                .setAttributes(Map.of())
                .setReason(Reason.UNCERTAIN)
                .setSplit(Split.TRAIN)
                .setPriority(priority)
                .setModelVersion("v1")
                .setMask(ByteBuffer.wrap(GreyPng.encode(discMask())))
                .setConfidence(ByteBuffer.wrap(GreyPng.encode(sureInside())))
                .setScores(Map.of("entropy", 0.4))
                .setInclusionProbability(1.0)
                .setCreatedAt(NOON)
                .build();
    }

    static LabelEvent labelEvent(String id, LabelEventKind kind, @Nullable Instant leaseUntil) {
        return LabelEvent.newBuilder()
                .setTaskId(id)
                .setKind(kind)
                .setAnnotator("mara")
                .setRequestId("r-" + id + kind)
                .setAt(NOON)
                .setLeaseUntil(leaseUntil)
                .setMask(null)
                .setSecondsSpent(0.0)
                .setStrokes(0)
                .setAcceptedAsIs(false)
                .setNote(null)
                .build();
    }

    static Annotation annotation(String id) {
        return Annotation.newBuilder()
                .setImageId(id)
                .setTaskId(id)
                .setMask(ByteBuffer.wrap(GreyPng.encode(discMask())))
                .setAnnotator("mara")
                .setReason(Reason.UNCERTAIN)
                .setSplit(Split.TRAIN)
                .setPrefillModelVersion("v1")
                .setAcceptedAsIs(false)
                .setSecondsSpent(12.0)
                .setStrokes(3)
                .setReview(ReviewState.UNREVIEWED)
                .setAnnotatedAt(NOON)
                .build();
    }

    static TrainingSample sample(String id, Origin origin, Split split, Reason reason, Instant at) {
        return TrainingSample.newBuilder()
                .setImageId(id)
                .setSource("camera-1")
                .setContent(content())
                .setMask(ByteBuffer.wrap(GreyPng.encode(discMask())))
                .setConfidence(null)
                .setOrigin(origin)
                .setSplit(split)
                .setReason(reason)
                .setModelVersion("v1")
                .setAnnotator(origin == Origin.HUMAN ? "mara" : null)
                .setCreatedAt(at)
                .build();
    }

    static ModelRelease release(String version, int round, ModelStatus status, @Nullable Double miou, Instant at) {
        return ModelRelease.newBuilder()
                .setLine("default")
                .setVersion(version)
                .setParent(null)
                .setRound(round)
                .setStatus(status)
                .setArtefact(new StoredArtefact("sha256/" + "0".repeat(64), "0".repeat(64), 10L))
                .setClasses(List.of("ground", "disc"))
                .setMethod(round == 0 ? "none" : "fixmatch")
                .setTrainingOffsets(Map.of())
                .setDataHash("0".repeat(64))
                .setLabels(round * 10)
                .setUnlabelled(round * 100)
                .setTrainSeconds(3.0)
                .setMetrics(miou == null ? null : metrics(miou))
                .setGate(round == 0 ? null : new GateVerdict(true, "better by 0.1", null, null, null, 20))
                .setTemperature(1.0)
                .setReleasedAt(at)
                .build();
    }

    static QualityEvent quality(String version, QualityArm arm, double miou, Instant at) {
        return QualityEvent.newBuilder()
                .setAt(at)
                .setBody(new QualityReport(version, arm, metrics(miou)))
                .build();
    }

    static ModelMetrics metrics(double miou) {
        return ModelMetrics.newBuilder()
                .setImages(20)
                .setPixelAccuracy(0.9)
                .setMeanAccuracy(0.8)
                .setMiou(miou)
                .setMiouLow(miou - 0.05)
                .setMiouHigh(miou + 0.02)
                .setWeightedIou(miou)
                .setBoundaryIou(null)
                .setEce(null)
                .setPerClassIou(Map.of())
                .build();
    }

    static DeadLetter deadLetter(String cause) {
        return DeadLetter.newBuilder()
                .setStage("inference")
                .setTopic("maskstream.images")
                .setPartition(0)
                .setOffset(7L)
                .setKey(null)
                .setValue(null)
                .setHeaders(Map.of())
                .setCause(cause)
                .setException("java.io.IOException")
                .setStack("")
                .setFailedAt(NOON)
                .build();
    }

    private static ImageContent content() {
        byte[] png = discPng();
        return content(png, ByteBuffer.wrap(png), null);
    }

    static byte[] discPng() {
        return ImageEncoder.png(discImage());
    }

    static ImageContent content(byte[] png, @Nullable ByteBuffer bytes, @Nullable String reference) {
        return ImageContent.newBuilder()
                .setSha256("0".repeat(64))
                .setMediaType("image/png")
                .setWidth(WIDTH)
                .setHeight(HEIGHT)
                .setSizeBytes(png.length)
                .setBytes(bytes)
                .setReference(reference)
                .build();
    }

    static boolean isInDisc(int row, int column) {
        return Math.hypot(row - HEIGHT / 2.0, column - WIDTH / 2.0) < 30;
    }

    private static RgbImage discImage() {
        byte[] pixels = new byte[3 * HEIGHT * WIDTH];
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            boolean disc = isInDisc(i / WIDTH, i % WIDTH);
            pixels[3 * i] = (byte) (disc ? 240 : 40);
            pixels[3 * i + 1] = (byte) (disc ? 210 : 70);
            pixels[3 * i + 2] = (byte) (disc ? 120 : 160);
        }
        return new RgbImage(HEIGHT, WIDTH, Bytes.wrap(pixels));
    }

    private static Mask discMask() {
        return new Mask(HEIGHT, WIDTH, Bytes.wrap(inAndOut(1, 0)));
    }

    private static ConfidenceMap sureInside() {
        return new ConfidenceMap(HEIGHT, WIDTH, Bytes.wrap(inAndOut(250, 120)));
    }

    private static byte[] inAndOut(int inside, int outside) {
        byte[] values = new byte[HEIGHT * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (isInDisc(i / WIDTH, i % WIDTH) ? inside : outside);
        }
        return values;
    }
}
