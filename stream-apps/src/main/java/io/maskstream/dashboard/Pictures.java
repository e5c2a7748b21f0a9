package io.maskstream.dashboard;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.store.ContentStore;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws a recent prediction small: the image, the mask over it, and where the model was unsure.
 *
 * <p>Drawn on demand from the bytes in a {@link PictureCache}; nothing larger than the cache's bytes is kept.
 */
final class Pictures {
    private static final long MOST_ENCODED_BYTES = 32L * 1024 * 1024;
    private static final long MOST_PIXELS = 64L * 1024 * 1024;
    private static final double MASK_OPACITY = 0.55;
    private static final int IGNORE = 255;

    /** Small images kept, since each is drawn three times: as it is, under the mask and under the heat-map. */
    private static final int MOST_DRAWN = 48;

    private final PictureCache cache;
    private final ContentStore store;
    private final int longerSide;
    private final Map<String, BufferedImage> drawn = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BufferedImage> eldest) {
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
     * Returns a PNG, or null if the prediction of that image is no longer kept.
     *
     * @throws IOException if the image or its maps cannot be read
     */
    byte @Nullable [] draw(String imageId, Kind kind) throws IOException {
        PictureCache.Picture picture = cache.get(imageId);
        if (picture == null) {
            return null;
        }
        BufferedImage image = copy(small(imageId, picture.content()));
        switch (kind) {
            case THUMBNAIL -> {}
            case OVERLAY -> overlay(image, decode(bytes(picture.mask())));
            case HEAT -> heat(image, decode(bytes(picture.confidence())));
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    private byte[] bytes(ImageContent content) throws IOException {
        ByteBuffer inline = content.getBytes();
        if (inline != null) {
            return bytes(inline);
        }
        String reference = content.getReference();
        if (reference == null) {
            throw new IOException("the image has neither bytes nor a reference");
        }
        return store.get(reference, MOST_ENCODED_BYTES);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        ByteBuffer view = buffer.duplicate();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }

    private static BufferedImage decode(byte[] encoded) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(encoded))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("the bytes are no image that can be shown");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                if ((long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
                    throw new IOException("the image has more than " + MOST_PIXELS + " pixels");
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    private BufferedImage small(String imageId, ImageContent content) throws IOException {
        BufferedImage known = drawn.get(imageId);
        if (known != null) {
            return known;
        }
        BufferedImage image = decode(bytes(content));
        double scale = Math.min(1.0, (double) longerSide / Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
        int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
        BufferedImage small = scaled(image, width, height);
        drawn.put(imageId, small);
        return small;
    }

    private static BufferedImage copy(BufferedImage image) {
        return scaled(image, image.getWidth(), image.getHeight());
    }

    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = out.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
            graphics.drawImage(image, 0, 0, width, height, null);
        } finally {
            graphics.dispose();
        }
        return out;
    }

    private static void overlay(BufferedImage image, BufferedImage mask) {
        paint(image, mask, (rgb, classId) -> {
            if (classId == IGNORE || classId == 0) {
                return rgb;
            }
            return blend(rgb, paletteColour(classId), MASK_OPACITY);
        });
    }

    private static void heat(BufferedImage image, BufferedImage confidence) {
        paint(image, confidence, (rgb, p) -> {
            int luma = (77 * (rgb >> 16 & 255) + 150 * (rgb >> 8 & 255) + 29 * (rgb & 255)) >> 8;
            int dark = luma / 3;
            double unsure = 1 - p / 255.0;
            return blend(dark << 16 | dark << 8 | dark, heatColour(unsure), Math.min(0.9, 0.15 + 1.6 * unsure));
        });
    }

    private interface PixelRule {
        int colour(int rgb, int value);
    }

    private static void paint(BufferedImage image, BufferedImage map, PixelRule rule) {
        for (int y = 0; y < image.getHeight(); y++) {
            int mapY = (int) ((y + 0.5) * map.getHeight() / image.getHeight());
            for (int x = 0; x < image.getWidth(); x++) {
                int mapX = (int) ((x + 0.5) * map.getWidth() / image.getWidth());
                int value = map.getRaster().getSample(mapX, mapY, 0);
                image.setRGB(x, y, rule.colour(image.getRGB(x, y), value));
            }
        }
    }

    private static int blend(int below, int above, double opacity) {
        int red = mix(below >> 16 & 255, above >> 16 & 255, opacity);
        int green = mix(below >> 8 & 255, above >> 8 & 255, opacity);
        int blue = mix(below & 255, above & 255, opacity);
        return red << 16 | green << 8 | blue;
    }

    private static int mix(int below, int above, double opacity) {
        return (int) Math.round(below * (1 - opacity) + above * opacity);
    }

    /** The colour map of PASCAL VOC: the bits of the class id spread over the three channels. */
    static int paletteColour(int classId) {
        int red = 0;
        int green = 0;
        int blue = 0;
        int id = classId;
        for (int bit = 7; bit >= 0 && id > 0; bit--) {
            red |= (id & 1) << bit;
            green |= (id >> 1 & 1) << bit;
            blue |= (id >> 2 & 1) << bit;
            id >>= 3;
        }
        return red << 16 | green << 8 | blue;
    }

    /** Black over violet and orange to pale yellow, so that it reads without colour too: brighter is less sure. */
    private static int heatColour(double unsure) {
        int[] stops = {0x14052b, 0x6a1b7a, 0xd1426f, 0xf98e3c, 0xfcf4a3};
        double at = Math.min(0.9999, Math.max(0, unsure)) * (stops.length - 1);
        int below = (int) at;
        return blend(stops[below], stops[below + 1], at - below);
    }
}
