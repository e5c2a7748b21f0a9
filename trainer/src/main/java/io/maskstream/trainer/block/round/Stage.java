package io.maskstream.trainer.block.round;

import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.pool.PoolLabels;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a round: one recipe, on some of the images, for a share of the steps. When it is finished, what its recipe exports is a
 * snapshot of the stage's name, without branches.
 *
 * @param name unlike that of any other stage of the round
 * @param share of the round's steps, in [0, 1]
 * @param recipe what runs
 * @param start the snapshot from which {@link NetworkSource#START} copies: {@link #BEFORE}, {@link #ROUND}, or a stage's name
 * @param rate of learning, as a factor on the round's
 * @param annotated indices of the annotated images that are learned from, repeated as often as they count; null for all
 * @param images indices of the images without annotation that are learned from; null for all
 * @param labels stored labels of images without annotation, which become their {@link Recipe#OWN}; null for none
 * @param heldOut indices of annotated images on which the finished stage is scored; empty for no score
 * @param parts in how many parts the stage is cut; at the end of each but the last, a snapshot is marked
 * @param lasting whether members and banks of the last stage of the round go on in the next round's stage of this name
 */
public record Stage(
        String name,
        double share,
        Recipe recipe,
        String start,
        double rate,
        @Nullable List<Integer> annotated,
        @Nullable List<Integer> images,
        @Nullable PoolLabels labels,
        List<Integer> heldOut,
        int parts,
        boolean lasting) {
    /** The network with which the round began. */
    public static final String ROUND = "the round's start";

    /** The network of the stage before, or that with which the round began. */
    public static final String BEFORE = "the stage before";

    /** How far shares may miss 1 by rounding. */
    public static final double SHARE_TOLERANCE = 1e-6;

    public Stage {
        if (!(share >= 0 && share <= 1 + SHARE_TOLERANCE)) {
            throw new IllegalArgumentException("stage " + name + " needs a share in [0, 1], not " + share);
        }
        if (!(rate > 0) || parts < 1) {
            throw new IllegalArgumentException("stage " + name + " needs a rate above 0 and at least one part");
        }
        annotated = annotated == null ? null : List.copyOf(annotated);
        images = images == null ? null : List.copyOf(images);
        heldOut = List.copyOf(heldOut);
        if ((annotated != null && annotated.isEmpty()) || (images != null && images.isEmpty())) {
            throw new IllegalArgumentException("stage " + name + " has no image to learn from");
        }
    }

    /** Returns a stage that starts from the one before and learns from all images, as they come. */
    public static Stage of(String name, double share, Recipe recipe) {
        return new Stage(name, share, recipe, BEFORE, 1, null, null, null, List.of(), 1, false);
    }

    /** Returns the name of the snapshot at the end of a part, such as {@code first@1/3}. */
    public static String mark(String stage, int part, int parts) {
        return stage + "@" + part + "/" + parts;
    }

    /** Returns the names of the snapshots that a marked stage leaves, in order; the last is the stage's own. */
    public static List<String> marks(String stage, int parts) {
        return IntStream.rangeClosed(1, parts)
                .mapToObj(part -> part == parts ? stage : mark(stage, part, parts))
                .toList();
    }

    /** Returns this with a start from a snapshot. */
    public Stage from(String snapshot) {
        return new Stage(name, share, recipe, snapshot, rate, annotated, images, labels, heldOut, parts, lasting);
    }

    /** Returns this with a faster or slower learning. */
    public Stage rated(double factor) {
        return new Stage(name, share, recipe, start, factor, annotated, images, labels, heldOut, parts, lasting);
    }

    /** Returns this with some of the annotated images, repeated as often as they count. */
    public Stage learning(List<Integer> indices) {
        return new Stage(name, share, recipe, start, rate, indices, images, labels, heldOut, parts, lasting);
    }

    /** Returns this with some of the images without annotation, as they come. */
    public Stage seeing(List<Integer> indices) {
        return new Stage(name, share, recipe, start, rate, annotated, indices, labels, heldOut, parts, lasting);
    }

    /** Returns this with the images that have a stored label, and with those labels. */
    public Stage on(PoolLabels stored) {
        return new Stage(name, share, recipe, start, rate, annotated, stored.images(), stored, heldOut, parts, lasting);
    }

    /** Returns this with a score on annotated images; it does not keep them from being learned. */
    public Stage scoredOn(List<Integer> indices) {
        return new Stage(name, share, recipe, start, rate, annotated, images, labels, indices, parts, lasting);
    }

    /** Returns this with a held-out part kept away from learning, and scored on. */
    public Stage holding(HoldOut holdOut) {
        return learning(holdOut.learned()).scoredOn(holdOut.held());
    }

    /** Returns this with snapshots on the way, {@link #mark}. */
    public Stage marking(int equalParts) {
        return new Stage(name, share, recipe, start, rate, annotated, images, labels, heldOut, equalParts, lasting);
    }

    /** Returns this with members and banks that go on in the next round, if this is the last stage. */
    public Stage goingOn() {
        return new Stage(name, share, recipe, start, rate, annotated, images, labels, heldOut, parts, true);
    }
}
