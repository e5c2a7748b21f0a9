package io.maskstream.segmentation.dataset;

import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.Png;
import io.maskstream.segmentation.mask.ClassList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens data sets.
 *
 * <p>The layout is that of PASCAL VOC: {@code JPEGImages/<id>.<any>}, {@code SegmentationClass/<id>.png} with the class id
 * of each pixel as grey value or palette index (255 = ignore), {@code ImageSets/Segmentation/<split>.txt} with an id a
 * line, and {@code classes.txt}, whose line n names class n. If the masks have a palette, its colours are the classes'.
 */
public final class Datasets {
    private static final String IMAGES = "JPEGImages";
    private static final String MASKS = "SegmentationClass";
    private static final String SPLITS = "ImageSets/Segmentation";
    private static final String CLASSES = "classes.txt";

    private Datasets() {}

    /** Says whether a folder has the layout that {@link #open} reads. */
    public static boolean isDataset(Path folder) {
        return Files.isDirectory(folder.resolve(IMAGES)) && Files.isDirectory(folder.resolve(SPLITS));
    }

    /**
     * Opens a data set: lists are read and every picture named is looked for, but none is decoded.
     *
     * @throws DatasetException if the folder has not the layout, or lists pictures that are not there
     */
    public static Dataset open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DatasetException("there is no folder " + folder);
        }
        for (String part : List.of(IMAGES, MASKS, SPLITS)) {
            if (!Files.isDirectory(folder.resolve(part))) {
                throw new DatasetException(folder + " is no data set: it lacks the folder " + part + "; expected "
                        + IMAGES + ", " + MASKS + ", " + SPLITS + " and " + CLASSES);
            }
        }
        List<String> names = classNames(folder.resolve(CLASSES));
        Map<String, Path> images = filesById(folder.resolve(IMAGES));
        Map<String, Path> masks = filesById(folder.resolve(MASKS));
        Map<String, List<DatasetItem>> splits = new LinkedHashMap<>();
        for (Path list : splitLists(folder.resolve(SPLITS))) {
            String split = withoutExtension(list.getFileName().toString());
            splits.put(split, items(list, images, masks));
        }
        ClassList classes = coloured(names, splits);
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return new Dataset(name == null ? folder.toString() : name.toString(), classes, splits);
    }

    /**
     * Returns the pictures of a plain folder and those below it, sorted by path; what is a picture is told by its first
     * bytes, and other files are left out.
     *
     * @throws DatasetException if there is no such folder, or no picture in it
     */
    public static List<DatasetItem> imageFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DatasetException("there is no folder " + folder);
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile).sorted().toList();
        }
        List<DatasetItem> items = new ArrayList<>();
        for (Path file : files) {
            if (looksLikePicture(file)) {
                String id = folder.relativize(file).toString().replace('\\', '/');
                items.add(new DatasetItem(id, file, null));
            }
        }
        if (items.isEmpty()) {
            throw new DatasetException("folder " + folder + " has " + files.size()
                    + " files and no picture among them; JPEG, PNG, WebP, TIFF and BMP are read");
        }
        return items;
    }

    private static boolean looksLikePicture(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return ImageDecoder.isPicture(in.readNBytes(32));
        }
    }

    private static List<String> classNames(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DatasetException(
                    "there is no " + file + ": write one class name a line, line n (from 0) for id n");
        }
        List<String> names = new ArrayList<>(lines(file));
        while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
            names.remove(names.size() - 1);
        }
        try {
            ClassList checked = ClassList.of(names);
            return checked.names();
        } catch (IllegalArgumentException e) {
            throw new DatasetException(file + ": " + e.getMessage(), e);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .map(String::strip)
                    .toList();
        } catch (CharacterCodingException e) {
            throw new DatasetException(file + " is no UTF-8 text", e);
        }
    }

    private static List<Path> splitLists(Path folder) throws IOException {
        List<Path> lists;
        try (Stream<Path> files = Files.list(folder)) {
            lists = files.filter(file -> file.getFileName().toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        if (lists.isEmpty()) {
            throw new DatasetException(
                    "there is no split in " + folder + ": write train.txt and val.txt, one id a line");
        }
        return lists;
    }

    private static Map<String, Path> filesById(Path folder) throws IOException {
        Map<String, Path> byId = new HashMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                Path other = byId.putIfAbsent(withoutExtension(name), file);
                if (other != null) {
                    throw new DatasetException(other + " and " + file + " have one id: rename or remove one");
                }
            }
        }
        return byId;
    }

    private static String withoutExtension(String name) {
        int dot = name.lastIndexOf('.');
        return dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name;
    }

    private static List<DatasetItem> items(Path list, Map<String, Path> images, Map<String, Path> masks)
            throws IOException {
        List<DatasetItem> items = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String id : lines(list)) {
            if (id.isEmpty()) {
                continue;
            }
            if (!seen.add(id)) {
                throw new DatasetException(list + " lists '" + id + "' twice");
            }
            Path image = images.get(id);
            if (image == null) {
                missing.add(id);
                continue;
            }
            items.add(new DatasetItem(id, image, masks.get(id)));
        }
        if (!missing.isEmpty()) {
            throw new DatasetException(list + " lists " + missing.size() + " pictures of " + seen.size()
                    + " that are not in " + IMAGES + ", the first is '" + missing.get(0) + "'");
        }
        return items;
    }

    /** Takes the colours of the first mask that has a palette; all masks of a data set share one. */
    private static ClassList coloured(List<String> names, Map<String, List<DatasetItem>> splits) throws IOException {
        @Nullable
        DatasetItem labelled = splits.values().stream()
                .flatMap(List::stream)
                .filter(DatasetItem::isLabelled)
                .findFirst()
                .orElse(null);
        Path mask = labelled == null ? null : labelled.mask();
        if (mask == null || Files.size(mask) > ImageLimits.DEFAULT.maxBytes()) {
            return ClassList.of(names);
        }
        List<Integer> palette = Png.palette(Files.readAllBytes(mask));
        return palette.size() < names.size()
                ? ClassList.of(names)
                : new ClassList(names, palette.subList(0, names.size()));
    }
}
