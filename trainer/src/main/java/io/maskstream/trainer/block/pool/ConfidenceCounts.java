package io.maskstream.trainer.block.pool;

/** How many pixels of stored labels have a class and a confidence; exact, since confidences are whole units. */
final class ConfidenceCounts {
    private final long[][] counts;
    private final long pixels;

    private ConfidenceCounts(long[][] counts, long pixels) {
        this.counts = counts;
        this.pixels = pixels;
    }

    static ConfidenceCounts of(PoolLabels labels, int classes) {
        long[][] counts = new long[classes][StoredLabel.UNITS + 1];
        long pixels = 0;
        for (StoredLabel label : labels.byImage().values()) {
            for (int i = 0; i < label.pixels(); i++) {
                if (label.has(i)) {
                    counts[label.hard(i)][label.units(i)]++;
                }
            }
            pixels += label.pixels();
        }
        return new ConfidenceCounts(counts, pixels);
    }

    /** Returns all pixels, with a class or without. */
    long pixels() {
        return pixels;
    }

    /** Returns the pixels of a class. */
    long of(int index) {
        return atLeast(index, 0);
    }

    /** Returns the pixels of a class with a confidence of so many units or more. */
    long atLeast(int index, int units) {
        long sum = 0;
        for (int u = StoredLabel.UNITS; u >= units; u--) {
            sum += counts[index][u];
        }
        return sum;
    }

    /** Returns the {@code rank}-th largest confidence of a class, from 1, or its smallest if there are fewer; 0 if there is none. */
    int largest(int index, long rank) {
        long sum = 0;
        int smallest = 0;
        for (int u = StoredLabel.UNITS; u >= 0; u--) {
            if (counts[index][u] > 0) {
                sum += counts[index][u];
                smallest = u;
                if (sum >= rank) {
                    return u;
                }
            }
        }
        return smallest;
    }
}
