package io.maskstream.segmentation.adoption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which old classes each new class is made of.
 *
 * <p>As text, a line for each new class in the new order: {@code tree = vegetation, terrain}. Empty lines and what stands
 * behind {@code #} count for nothing. An old class is named, or numbered from 0.
 *
 * @param sources the old classes of each new one, in the order of the new classes; at least one each
 */
public record ClassMap(Map<String, List<String>> sources) {
    public ClassMap {
        sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
        if (sources.size() < 2) {
            throw new IllegalArgumentException("a class map names at least 2 new classes, found " + sources.keySet());
        }
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if a line has another form, with its number and the form expected
     */
    public static ClassMap read(Path file) throws IOException {
        return parse(Files.readAllLines(file), String.valueOf(file.getFileName()));
    }

    static ClassMap parse(List<String> lines, String name) {
        Map<String, List<String>> sources = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).split("#", 2)[0].strip();
            if (line.isEmpty()) {
                continue;
            }
            String where = name + " line " + (i + 1);
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        where + ": expected 'new class = old class, old class', found '" + line + "'");
            }
            String fresh = line.substring(0, equals).strip();
            List<String> old = Arrays.stream(line.substring(equals + 1).split(","))
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .toList();
            if (fresh.isEmpty() || old.isEmpty()) {
                throw new IllegalArgumentException(where + ": a new class is made of at least one old class");
            }
            if (sources.put(fresh, old) != null) {
                throw new IllegalArgumentException(where + ": the class '" + fresh + "' is there twice");
            }
        }
        return new ClassMap(sources);
    }

    /** Returns the names of the new classes. */
    public List<String> classes() {
        return List.copyOf(sources.keySet());
    }

    /**
     * Returns the indices of the old classes of each new class.
     *
     * @param old the names of the old classes in the order of the scores
     * @throws IllegalArgumentException if there is no such old class, with those there are
     */
    List<List<Integer>> indices(List<String> old) {
        List<List<Integer>> all = new ArrayList<>();
        sources.forEach((fresh, names) -> {
            List<Integer> found = new ArrayList<>();
            for (String one : names) {
                int index = old.indexOf(one);
                if (index < 0 && one.matches("\\d{1,4}")) {
                    index = Integer.parseInt(one);
                }
                if (index < 0 || index >= old.size()) {
                    throw new IllegalArgumentException("the class map makes '" + fresh + "' of '" + one
                            + "', which the network does not have; its classes are " + old
                            + ". If these are not its names, give them with --old-classes");
                }
                found.add(index);
            }
            all.add(found);
        });
        return all;
    }

    /** Returns the old classes that no new class is made of. */
    List<String> unused(List<String> old) {
        List<String> left = new ArrayList<>(old);
        indices(old).forEach(used -> used.forEach(index -> left.remove(old.get(index))));
        return left;
    }
}
