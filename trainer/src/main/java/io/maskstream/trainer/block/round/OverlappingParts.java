package io.maskstream.trainer.block.round;

import io.maskstream.trainer.data.Draws;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Annotated images for two networks that should differ: 60 % are learned from by both, 20 % by each alone (difference-maximised sampling of
 * DMT, Feng et al., Pattern Recognition 130, 2022).
 *
 * @param one for the one network
 * @param other for the other
 */
public record OverlappingParts(List<Integer> one, List<Integer> other) {
    private static final double APART = 0.2;

    public OverlappingParts {
        one = List.copyOf(one);
        other = List.copyOf(other);
    }

    /** Draws who learns from what. Of fewer than three images each has all. */
    public static OverlappingParts of(List<Integer> images, long seed) {
        List<Integer> drawn = new ArrayList<>(images);
        drawn.sort(Comparator.comparingLong(image -> Draws.mix(seed, image)));
        int apart = (int) Math.min((drawn.size() - 1L) / 2, Math.max(1, Math.round(APART * drawn.size())));
        List<Integer> one = drawn.subList(0, drawn.size() - apart);
        List<Integer> other = drawn.subList(apart, drawn.size());
        return new OverlappingParts(
                one.stream().sorted().toList(), other.stream().sorted().toList());
    }
}
