package io.maskstream.cli.loop;

import io.maskstream.ingest.NewImage;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Generated street scenes, as JPEG. */
public final class SceneFeed implements ImageFeed {
    private final StreetScenes scenes;
    private final int size;
    private final Map<String, Integer> byDigest = new ConcurrentHashMap<>();

    /** @param size how many scenes */
    public SceneFeed(StreetScenes scenes, int size) {
        this.scenes = scenes;
        this.size = size;
    }

    @Override
    public ClassList classes() {
        return StreetScenes.classes();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public NewImage image(int index) {
        Scene scene = scenes.scene(index);
        byte[] bytes = ImageEncoder.jpeg(scene.image());
        byDigest.put(Digests.sha256(bytes), index);
        return NewImage.of("scene-" + index + ".jpg", bytes, "street-scenes");
    }

    @Override
    public Optional<Mask> maskOf(String imageId, String sha256) {
        Integer index = byDigest.get(sha256);
        return index == null
                ? Optional.empty()
                : Optional.of(scenes.scene(index).mask());
    }
}
