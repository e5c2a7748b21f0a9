package io.maskstream.dashboard;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskOverlay;
import io.maskstream.segmentation.store.ContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws a recent prediction small: the image, the mask over it, and where the model was unsure.
 *
 * <p>Drawn on demand from the bytes in a {@link PictureCache}; only a few small images are kept besides. Class 0, which most
 * data sets use for the background, is left unpainted.
 */
final class Pictures {
    /** Small images kept, since each is drawn three times: as it is, under the mask and under the heat-map. */
    private static final int MOST_DRAWN = 48;

    private static final double MASK_OPACITY = 0.55;
    private static final double HEAT_OPACITY = 0.8;
    private static final ClassList COLOURS = ClassList.of(
            IntStream.range(0, Mask.IGNORE).mapToObj(i -> "class " + i).toList());

    private final PictureCache cache;
    private final ContentStore store;
    private final int longerSide;
    private final ImageLimits limits = ImageLimits.defaults();
    private final Map<String, RgbImage> drawn = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RgbImage> eldest) {
            return size() > MOST_DRAWN;
        }
    });

    /** What to draw. */
    enum Kind {
        THUMBNAIL,
        OVERLAY,
        HEAT
    }

    Pictures(PictureCache cache, ContentStore store, int longerSide) {
        this.cache = cache;
        this.store = store;
        this.longerSide = longerSide;
    }

    /**
     * Returns a JPEG, or null if the prediction of that image is no longer kept.
     *
     * @throws IOException if the image or its maps cannot be read
     */
    byte @Nullable [] draw(String imageId, Kind kind) throws IOException {
        PictureCache.Picture picture = cache.get(imageId);
        if (picture == null) {
            return null;
        }
        RgbImage image = small(imageId, picture.content());
        RgbImage out =
                switch (kind) {
                    case THUMBNAIL -> image;
                    case OVERLAY -> overlay(image, GreyPng.mask(bytes(picture.mask()), limits.maxPixels()));
                    case HEAT -> heat(image, GreyPng.confidence(bytes(picture.confidence()), limits.maxPixels()));
                };
        return ImageEncoder.jpeg(out);
    }

    private RgbImage small(String imageId, ImageContent content) throws IOException {
        RgbImage known = drawn.get(imageId);
        if (known != null) {
            return known;
        }
        RgbImage image = new ImageDecoder(limits).decode(encoded(content));
        double scale = Math.min(1.0, (double) longerSide / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        RgbImage small = Resampling.bilinear(image, height, width);
        drawn.put(imageId, small);
        return small;
    }

    private byte[] encoded(ImageContent content) throws IOException {
        ByteBuffer inline = content.getBytes();
        if (inline != null) {
            return bytes(inline);
        }
        String reference = content.getReference();
        if (reference == null) {
            throw new IOException("the event has neither the image's bytes nor a reference to them");
        }
        return store.get(reference, limits.maxBytes());
    }

    private static RgbImage overlay(RgbImage image, Mask mask) {
        byte[] painted = Resampling.nearest(mask, image.height(), image.width())
                .classes()
                .toArray();
        for (int i = 0; i < painted.length; i++) {
            if (painted[i] == 0) {
                painted[i] = (byte) Mask.IGNORE;
            }
        }
        return MaskOverlay.blend(
                image, new Mask(image.height(), image.width(), Bytes.wrap(painted)), COLOURS, MASK_OPACITY);
    }

    /** The picture of uncertainty over a dark grey image, so that one sees what it is that the model was unsure of. */
    private static RgbImage heat(RgbImage image, ConfidenceMap confidence) {
        RgbImage heat = MaskOverlay.heatMap(Resampling.bilinear(confidence, image.height(), image.width()));
        byte[] pixels = heat.pixels().toArray();
        for (int i = 0; i < pixels.length; i += 3) {
            int grey = (image.pixels().at(i)
                            + image.pixels().at(i + 1)
                            + image.pixels().at(i + 2))
                    / 3;
            for (int channel = i; channel < i + 3; channel++) {
                pixels[channel] =
                        (byte) Math.round((pixels[channel] & 0xff) * HEAT_OPACITY + grey * (1 - HEAT_OPACITY));
            }
        }
        return new RgbImage(image.height(), image.width(), Bytes.wrap(pixels));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        ByteBuffer view = buffer.duplicate();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }
}
