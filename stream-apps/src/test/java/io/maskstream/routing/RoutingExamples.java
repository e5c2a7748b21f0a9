package io.maskstream.routing;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.RegionScores;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.StageTimings;
import io.maskstream.schemas.event.ThresholdKind;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Events and candidates that the tests of routing vary. */
final class RoutingExamples {
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    static final int WIDTH = 8;
    static final int HEIGHT = 6;

    private RoutingExamples() {}

    /** A policy of plain scores without any draw: learn up to 0.2, ask from 0.8, a big budget. */
    static RoutingPolicy.Builder policy() {
        return RoutingPolicy.newBuilder()
                .setVersion("p1")
                .setScore("regions")
                .setThresholds(ThresholdKind.SCORE)
                .setLearnAtMost(0.2)
                .setAskAtLeast(0.8)
                .setAuditShare(0)
                .setRandomArmShare(0)
                .setEvaluationShare(0)
                .setColdStartShare(0)
                .setTasksPerHour(1000)
                .setBurst(1000)
                .setChangedAt(NOON);
    }

    static RoutingConfig config(RoutingPolicy policy) {
        RoutingConfig usual = RoutingConfig.defaults();
        return new RoutingConfig(
                usual.applicationId(),
                usual.stateDir(),
                usual.commitInterval(),
                usual.threads(),
                usual.line(),
                "salt",
                policy.getVersion(),
                policy.getScore(),
                policy.getThresholds(),
                policy.getLearnAtMost(),
                policy.getAskAtLeast(),
                policy.getAuditShare(),
                policy.getRandomArmShare(),
                policy.getEvaluationShare(),
                policy.getColdStartShare(),
                policy.getTasksPerHour(),
                policy.getBurst());
    }

    static Candidate candidate(String id, double score) {
        return candidate(id, score, "v1", 1, NOON.toEpochMilli());
    }

    static Candidate candidate(String id, double score, String version, int round, long atMillis) {
        return new Candidate(id, "camera", sha256(id), version, round, Map.of("regions", score), null, atMillis);
    }

    static Prediction prediction(String id, double score) {
        return prediction(id, score, "v1", 1);
    }

    static Prediction prediction(String id, double score, String version, int round) {
        return Prediction.newBuilder()
                .setImageId(id)
                .setSource("camera")
                .setCapturedAt(NOON)
                .setContent(content(id))
                .setAttributes(Map.of("name", id + ".png"))
                .setModelVersion(version)
                .setModelRound(round)
                .setMask(grey(1))
                .setConfidence(grey(200))
                .setClassFigures(List.of())
                .setScores(Map.of("regions", score, "entropy", score / 2))
                .setRegions(new RegionScores(1, 1, ByteBuffer.wrap(new byte[] {7})))
                .setTimings(new StageTimings(1.0, 1.0, 1.0, 1.0, 1))
                .setPredictedAt(NOON)
                .build();
    }

    static ImageContent content(String id) {
        return ImageContent.newBuilder()
                .setSha256(sha256(id))
                .setMediaType("image/png")
                .setWidth(WIDTH)
                .setHeight(HEIGHT)
                .setSizeBytes(3)
                .setBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build();
    }

    static Annotation annotation(String id, int classId) {
        return Annotation.newBuilder()
                .setImageId(id)
                .setTaskId(id)
                .setMask(grey(classId))
                .setAnnotator("ada")
                .setReason(Reason.UNCERTAIN)
                .setSplit(Split.TRAIN)
                .setPrefillModelVersion("v1")
                .setAcceptedAsIs(false)
                .setSecondsSpent(12.5)
                .setStrokes(3)
                .setReview(ReviewState.UNREVIEWED)
                .setAnnotatedAt(NOON)
                .build();
    }

    /** A PNG of one grey level in the examples' size. */
    static ByteBuffer grey(int level) {
        return grey(level, WIDTH, HEIGHT);
    }

    static ByteBuffer grey(int level, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.getRaster().setSample(x, y, 0, level);
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
