package io.maskstream.ingest;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds the image files that a command line names: files, folders with all below them, and glob patterns.
 *
 * <p>In a folder only files with an image's ending count, and none that is hidden. A file that is named itself always
 * counts: whether it is an image, its header decides.
 */
public final class ImageFiles {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp");

    private ImageFiles() {}

    /**
     * Returns the files that are named, sorted, each once.
     *
     * @param names paths or glob patterns ({@code *}, {@code **}, {@code ?}, {@code [..]}, {@code {..}})
     * @throws NoSuchFileException if a name stands for no file at all
     */
    public static List<Path> find(List<String> names) throws IOException {
        Set<Path> found = new TreeSet<>();
        for (String name : names) {
            int before = found.size();
            Path path = Path.of(name);
            boolean plain = Files.exists(path);
            if (Files.isDirectory(path)) {
                found.addAll(under(path));
            } else if (plain) {
                found.add(path);
            } else if (isGlob(name)) {
                found.addAll(matching(name));
            } else {
                throw new NoSuchFileException(name, null, "there is no such file or folder");
            }
            if (!plain && found.size() == before && matching(name).isEmpty()) {
                throw new NoSuchFileException(name, null, "the pattern matches no file");
            }
        }
        return List.copyOf(found);
    }

    /** Returns the image files of a folder and all folders below it, sorted. */
    static List<Path> under(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> isVisible(folder, file) && hasImageEnding(file) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> matching(String pattern) throws IOException {
        Path base = fixedPart(pattern);
        if (!Files.isDirectory(base)) {
            return List.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        try (Stream<Path> all = Files.walk(base)) {
            return all.filter(file -> matcher.matches(asWritten(pattern, file)) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
    }

    private static Path asWritten(String pattern, Path file) {
        Path here = Path.of(".");
        return !pattern.startsWith("./") && file.startsWith(here) ? here.relativize(file) : file;
    }

    private static Path fixedPart(String pattern) {
        int wild = 0;
        while (wild < pattern.length() && "*?[{\\".indexOf(pattern.charAt(wild)) < 0) {
            wild++;
        }
        int slash = pattern.lastIndexOf('/', wild - 1);
        if (slash < 0) {
            return Path.of(".");
        }
        return Path.of(slash == 0 ? "/" : pattern.substring(0, slash));
    }

    private static boolean isGlob(String name) {
        return name.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    }

    private static boolean hasImageEnding(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot > 0 && ENDINGS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    private static boolean isVisible(Path folder, Path file) {
        for (Path part : folder.relativize(file)) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return true;
    }
}
