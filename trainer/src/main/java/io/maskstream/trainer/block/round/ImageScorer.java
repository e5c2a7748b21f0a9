package io.maskstream.trainer.block.round;

import io.maskstream.trainer.block.pool.StoredLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One number for an image by what networks say of it, to rank or to route it. */
@FunctionalInterface
public interface ImageScorer {

    /**
     * Scores an image.
     *
     * @param opinions labels of the same image, in the order of the networks' age
     * @return a number in [0, 1]; higher is more trusted
     */
    double score(List<StoredLabel> opinions);

    /** Scores every image of the pool by what some snapshots say of it, one image at a time. */
    default SortedMap<Integer, Double> scores(Round round, List<String> snapshots) {
        SortedMap<Integer, Double> scores = new TreeMap<>();
        for (int image = 0; image < round.pool().size(); image++) {
            List<StoredLabel> opinions = new ArrayList<>();
            for (String snapshot : snapshots) {
                opinions.add(
                        round.label(snapshot, List.of(image), Looking.PLAIN).of(image));
            }
            scores.put(image, score(opinions));
        }
        return scores;
    }

    /**
     * How little the checkpoints of one training differ from its end: the mean over the earlier ones of the mean intersection over union
     * with the last.
     *
     * <p>Survey eq. 3: Yang et al., "ST++", CVPR 2022, which sums; the mean has the same order and lies in [0, 1]. Classes that neither mask
     * has are skipped.
     */
    static ImageScorer checkpointStability() {
        return named("stability between checkpoints", opinions -> {
            if (opinions.size() < 2) {
                throw new IllegalArgumentException("stability needs 2 opinions or more, found " + opinions.size());
            }
            StoredLabel last = opinions.get(opinions.size() - 1);
            double sum = 0;
            for (StoredLabel earlier : opinions.subList(0, opinions.size() - 1)) {
                sum += agreement(earlier, last);
            }
            return sum / (opinions.size() - 1);
        });
    }

    /** Returns the mean intersection over union of two labels of one image, over the classes that either has; 1 if neither has one. */
    static double agreement(StoredLabel one, StoredLabel other) {
        long[] common = new long[256];
        long[] ofOne = new long[256];
        long[] ofOther = new long[256];
        for (int i = 0; i < one.pixels(); i++) {
            if (one.has(i) && other.has(i)) {
                ofOne[one.hard(i)]++;
                ofOther[other.hard(i)]++;
                common[one.hard(i)] += one.hard(i) == other.hard(i) ? 1 : 0;
            }
        }
        double sum = 0;
        int present = 0;
        for (int c = 0; c < common.length; c++) {
            long union = ofOne[c] + ofOther[c] - common[c];
            if (union > 0) {
                sum += common[c] / (double) union;
                present++;
            }
        }
        return present == 0 ? 1 : sum / present;
    }

    /** Gives a scorer a text, which is how it prints. */
    static ImageScorer named(String text, ImageScorer scorer) {
        record Named(String text, ImageScorer scorer) implements ImageScorer {
            @Override
            public double score(List<StoredLabel> opinions) {
                return scorer.score(opinions);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, scorer);
    }
}
