package io.maskstream.segmentation.mask;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The classes of a data set or a model, in the order of their indices, each with a colour.
 *
 * @param names name of class 0, 1, …; 1 to 255 of them, none blank, no two equal
 * @param rgb colour of each class as {@code 0xRRGGBB}
 */
public record ClassList(List<String> names, List<Integer> rgb) {
    public ClassList {
        names = List.copyOf(names);
        rgb = List.copyOf(rgb);
        if (names.isEmpty() || names.size() > Mask.IGNORE) {
            throw new IllegalArgumentException("a mask of bytes holds 1 to 255 classes, got " + names.size());
        }
        if (rgb.size() != names.size()) {
            throw new IllegalArgumentException(names.size() + " classes cannot have " + rgb.size() + " colours");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.isBlank() || !name.equals(name.strip())) {
                throw new IllegalArgumentException(
                        "class " + i + " is named '" + name + "': give it a name" + " without blanks around it");
            }
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("class " + i + " is named '" + name + "' like a class before it");
            }
            int colour = rgb.get(i);
            if (colour < 0 || colour > 0xffffff) {
                throw new IllegalArgumentException("the colour of class '" + name + "' is not 0x000000 to 0xffffff: "
                        + Integer.toHexString(colour));
            }
        }
    }

    /** Returns the classes in the colours of {@link ClassColours}. */
    public static ClassList of(List<String> names) {
        List<Integer> colours = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            colours.add(ClassColours.of(i));
        }
        return new ClassList(names, colours);
    }

    /** Returns the number of classes. */
    public int size() {
        return names.size();
    }

    /** Returns the name of a class. */
    public String name(int index) {
        return names.get(index);
    }

    /** Returns the colour of a class as {@code 0xRRGGBB}. */
    public int colour(int index) {
        return rgb.get(index);
    }
}
