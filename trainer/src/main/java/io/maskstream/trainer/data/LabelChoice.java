package io.maskstream.trainer.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How many of a data set's annotations may be used, and which.
 *
 * <p>Images are ordered by a draw from seed and id, and the first are taken; so under one seed a smaller choice is part of every
 * larger one, and it does not depend on the order of files.
 */
public sealed interface LabelChoice {

    /** Every annotation. */
    record All() implements LabelChoice {}

    /**
     * A share.
     *
     * @param numerator at least 1
     * @param denominator at least the numerator
     */
    record Share(int numerator, int denominator) implements LabelChoice {
        public Share {
            if (numerator < 1 || denominator < numerator) {
                throw new IllegalArgumentException(
                        "a share of the labels is above 0 and at most 1, not " + numerator + "/" + denominator);
            }
        }
    }

    /**
     * So many.
     *
     * @param images at least 1
     */
    record Count(int images) implements LabelChoice {
        public Count {
            if (images < 1) {
                throw new IllegalArgumentException("at least 1 label is needed, not " + images);
            }
        }
    }

    /**
     * Reads {@code all}, a share such as {@code 1/8}, or a count such as {@code 46}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static LabelChoice parse(String text) {
        if (text.equals("all")) {
            return new All();
        }
        Matcher matcher = Pattern.compile("(\\d{1,6})(?:/(\\d{1,6}))?").matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("labels must be all, a share such as 1/8, or a count, not " + text);
        }
        int first = Integer.parseInt(matcher.group(1));
        String second = matcher.group(2);
        return second == null ? new Count(first) : new Share(first, Integer.parseInt(second));
    }

    /** Returns how many of {@code available} are taken: a share is rounded to the nearest, and at least 1 is taken. */
    default int count(int available) {
        if (this instanceof Share share) {
            return (int) Math.max(1, Math.round(available * (double) share.numerator() / share.denominator()));
        }
        if (this instanceof Count count) {
            if (count.images() > available) {
                throw new IllegalArgumentException(
                        "labels: " + count.images() + " were asked for, the split has " + available);
            }
            return count.images();
        }
        return available;
    }

    /** Returns the ids taken. */
    default Set<String> choose(Collection<String> ids, long seed) {
        List<String> ordered = ids.stream()
                .sorted(Comparator.comparingLong((String id) -> Draws.mix(seed, id))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        return ordered.stream().limit(count(ids.size())).collect(Collectors.toUnmodifiableSet());
    }
}
