package io.maskstream.trainer.block.pool;

/**
 * What becomes of a label when the image is labelled again: where both agree, the surer confidence; where one says nothing, the other;
 * where they differ, a rule.
 *
 * <p>Zhou et al., "Catastrophic forgetting problem in semi-supervised semantic segmentation", IEEE Access 2022, states rehearsal and
 * conflict reduction in its abstract; the rules are ours.
 */
public enum LabelMerge {
    /** The surer one; the previous in a tie. */
    CONFIDENCE {
        @Override
        boolean previousWins(StoredLabel current, StoredLabel previous, int pixel) {
            return previous.units(pixel) >= current.units(pixel);
        }
    },
    /** The current one. */
    CURRENT {
        @Override
        boolean previousWins(StoredLabel current, StoredLabel previous, int pixel) {
            return false;
        }
    },
    /** The previous one. */
    PREVIOUS {
        @Override
        boolean previousWins(StoredLabel current, StoredLabel previous, int pixel) {
            return true;
        }
    },
    /** Neither. */
    IGNORE {
        @Override
        boolean previousWins(StoredLabel current, StoredLabel previous, int pixel) {
            return false;
        }
    },
    /** The one that is not class 0, the background; between two others the surer. */
    FOREGROUND {
        @Override
        boolean previousWins(StoredLabel current, StoredLabel previous, int pixel) {
            boolean background = current.hard(pixel) == 0;
            boolean either = background || previous.hard(pixel) == 0;
            return either ? background : CONFIDENCE.previousWins(current, previous, pixel);
        }
    };

    abstract boolean previousWins(StoredLabel current, StoredLabel previous, int pixel);

    /** Returns both in one, before any threshold. */
    public StoredLabel merged(StoredLabel current, StoredLabel previous) {
        StoredLabel merged = current.taking(previous, pixel -> {
            if (!previous.has(pixel)) {
                return false;
            }
            if (!current.has(pixel)) {
                return true;
            }
            return current.hard(pixel) == previous.hard(pixel)
                    ? previous.units(pixel) > current.units(pixel)
                    : previousWins(current, previous, pixel);
        });
        return this == IGNORE ? merged.keeping(pixel -> !conflict(current, previous, pixel)) : merged;
    }

    /** Returns the current labels, each merged with the previous one of its image if there is one. */
    public PoolLabels merged(PoolLabels current, PoolLabels previous) {
        return current.changed((image, label) -> {
            StoredLabel before = previous.byImage().get(image);
            return before == null ? label : merged(label, before);
        });
    }

    private static boolean conflict(StoredLabel current, StoredLabel previous, int pixel) {
        return current.has(pixel) && previous.has(pixel) && current.hard(pixel) != previous.hard(pixel);
    }
}
