package io.maskstream.dashboard;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.Prediction;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The bytes of recent predictions, up to a number of bytes; the oldest go first. Safe for several threads. */
final class PictureCache {
    private final long capacity;
    private final Map<String, Picture> pictures = new LinkedHashMap<>();
    private long held;

    /**
     * What can be shown of one prediction.
     *
     * @param modelVersion that made it
     * @param content the image's bytes, or where they are
     * @param mask class ids, 8-bit grey PNG
     * @param confidence 8-bit grey PNG
     */
    record Picture(String modelVersion, ImageContent content, ByteBuffer mask, ByteBuffer confidence) {
        long bytes() {
            ByteBuffer inline = content.getBytes();
            return (long) mask.remaining() + confidence.remaining() + (inline == null ? 0L : inline.remaining());
        }
    }

    PictureCache(long capacity) {
        this.capacity = capacity;
    }

    /** Keeps a prediction; an earlier one of the same image is replaced. */
    synchronized void put(Prediction prediction) {
        Picture picture = new Picture(
                prediction.getModelVersion(),
                prediction.getContent(),
                prediction.getMask(),
                prediction.getConfidence());
        Picture before = pictures.remove(prediction.getImageId());
        held -= before == null ? 0 : before.bytes();
        if (picture.bytes() > capacity) {
            return;
        }
        pictures.put(prediction.getImageId(), picture);
        held += picture.bytes();
        Iterator<Picture> oldest = pictures.values().iterator();
        while (held > capacity) {
            held -= oldest.next().bytes();
            oldest.remove();
        }
    }

    synchronized @Nullable Picture get(String imageId) {
        return pictures.get(imageId);
    }

    synchronized long held() {
        return held;
    }
}
