package io.maskstream.labeling;

import java.awt.Color;
import java.util.List;
import java.util.Locale;

/**
 * The colours of the classes on the label page, as {@code #rrggbb}.
 *
 * <p>The colour map of PASCAL VOC is not used here: neighbours in it differ in a dark red or two, which nobody tells apart under a
 * half-transparent brush.
 */
final class LabelColours {
    /** Bright and far apart, the first ones most of all. */
    private static final List<String> DISTINCT = List.of(
            "#4da3ff", "#f2603c", "#f7c325", "#a06cf0", "#2fbf71", "#ff7ab8", "#18c7c9", "#c68b4f", "#9ad13b",
            "#5a6bff", "#ff9d3b", "#d14ae0", "#b9c0c7", "#e23b5a", "#0f9d8a", "#e8e36a");

    private static final float GOLDEN_TURN = 0.618034f;

    private LabelColours() {}

    /** Returns the colour of a class: the configured one, else one of a fixed list, else one by its number. */
    static String of(int id, List<String> configured) {
        if (id < configured.size()) {
            return configured.get(id).toLowerCase(Locale.ROOT);
        }
        if (id < DISTINCT.size()) {
            return DISTINCT.get(id);
        }
        float brightness = id % 2 == 0 ? 0.95f : 0.75f;
        int rgb = Color.HSBtoRGB(id * GOLDEN_TURN % 1, 0.65f, brightness) & 0xffffff;
        return String.format(Locale.ROOT, "#%06x", rgb);
    }
}
