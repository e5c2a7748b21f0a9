package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.mask.GreyPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A data set of made scenes on disk, for tests that read one. */
public final class SceneFolder {
    private final Path folder;
    private final StreetScenes scenes;

    /** Starts with the names of the classes and no split. */
    public SceneFolder(Path folder, StreetScenes scenes) throws IOException {
        this.folder = folder;
        this.scenes = scenes;
        Files.write(
                Files.createDirectories(folder).resolve("classes.txt"),
                StreetScenes.classes().names());
    }

    /**
     * Writes a split, in place of one of its name.
     *
     * @param from number of its first scene, named {@code scene<number>}
     */
    public void write(String split, int from, int count) throws IOException {
        Path lists = Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
        Path images = Files.createDirectories(folder.resolve("JPEGImages"));
        Path masks = Files.createDirectories(folder.resolve("SegmentationClass"));
        List<String> ids = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Scene scene = scenes.scene(i);
            ids.add("scene" + i);
            Files.write(images.resolve("scene" + i + ".png"), ImageEncoder.png(scene.image()));
            Files.write(masks.resolve("scene" + i + ".png"), GreyPng.encode(scene.mask()));
        }
        Files.write(lists.resolve(split + ".txt"), ids);
    }
}
