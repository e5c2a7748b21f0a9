package io.maskstream.trainer.data;

import io.maskstream.segmentation.mask.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A bounded choice among unlabelled images in which rare classes keep their place.
 *
 * <p>An image belongs to its rarest class, and every class may keep an equal part: the class-balanced buffer of Avalanche (Lomonaco et
 * al., 2021), with a random key drawn from seed and id in place of a running reservoir, so that the choice is a function of the set and
 * not of the order in which it came. Room that a class does not use goes to the others by the same keys.
 */
public final class ClassBalancedReservoir {
    private ClassBalancedReservoir() {}

    /**
     * A candidate.
     *
     * @param id of the image
     * @param pixels how many pixels each class has in its pseudo-label
     */
    public record Candidate(String id, List<Long> pixels) {
        public Candidate {
            pixels = List.copyOf(pixels);
        }
    }

    /** Returns the ids kept, at most {@code capacity}, in the order of their keys. */
    public static List<String> choose(Collection<Candidate> candidates, int capacity, long seed) {
        Map<Integer, List<String>> byClass = new TreeMap<>();
        long[] totals = totals(candidates);
        for (Candidate candidate : candidates) {
            byClass.computeIfAbsent(rarest(candidate, totals), unused -> new ArrayList<>())
                    .add(candidate.id());
        }
        Comparator<String> byKey =
                Comparator.comparingLong((String id) -> Draws.mix(seed, id)).thenComparing(Comparator.naturalOrder());
        Set<String> kept = new HashSet<>();
        List<String> rest = new ArrayList<>();
        for (List<String> ids : byClass.values()) {
            ids.sort(byKey);
            int room = Math.min(ids.size(), capacity / byClass.size());
            kept.addAll(ids.subList(0, room));
            rest.addAll(ids.subList(room, ids.size()));
        }
        rest.sort(byKey);
        kept.addAll(rest.subList(0, Math.min(rest.size(), capacity - kept.size())));
        return kept.stream().sorted(byKey).toList();
    }

    /** Returns how many pixels of each class a mask has. */
    public static List<Long> histogram(Mask mask, int classes) {
        long[] pixels = new long[classes];
        for (int i = 0; i < mask.classes().length(); i++) {
            int index = mask.classes().at(i);
            if (index < classes) {
                pixels[index]++;
            }
        }
        return Arrays.stream(pixels).boxed().toList();
    }

    private static long[] totals(Collection<Candidate> candidates) {
        int classes = candidates.stream()
                .mapToInt(candidate -> candidate.pixels().size())
                .max()
                .orElse(0);
        long[] totals = new long[classes];
        for (Candidate candidate : candidates) {
            for (int c = 0; c < candidate.pixels().size(); c++) {
                totals[c] += candidate.pixels().get(c);
            }
        }
        return totals;
    }

    private static int rarest(Candidate candidate, long[] totals) {
        int rarest = -1;
        for (int c = 0; c < candidate.pixels().size(); c++) {
            if (candidate.pixels().get(c) > 0 && (rarest < 0 || totals[c] < totals[rarest])) {
                rarest = c;
            }
        }
        return rarest;
    }
}
