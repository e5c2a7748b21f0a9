package io.maskstream.trainer.block.round;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Images of the pool by how far they are trusted.
 *
 * @param best indices of the trusted ones
 * @param rest indices of the others
 */
public record Ranking(List<Integer> best, List<Integer> rest) {
    public Ranking {
        best = List.copyOf(best);
        rest = List.copyOf(rest);
    }

    /**
     * Returns the share of images with the highest scores, rounded down but at least one; equal scores keep the order of the indices.
     *
     * @param scores by index, at least one
     * @param share in [0, 1]
     */
    public static Ranking of(SortedMap<Integer, Double> scores, double share) {
        List<Integer> ordered = scores.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Integer, Double> entry) -> -entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        int taken = (int) Math.max(1, Math.floor(ordered.size() * share + 1e-9));
        return new Ranking(ordered.subList(0, taken), ordered.subList(taken, ordered.size()));
    }
}
