package io.maskstream.segmentation.scene;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws every thing twice: smoothed into the picture, and with hard edges into a plane of labels.
 *
 * <p>A label holds class, distance and glow of its pixel, which the atmosphere needs.
 */
final class SceneCanvas {
    /** A lamp: it lights what is around it at night. */
    record Light(double column, double row, double reach, int rgb) {}

    private static final int GROUND = 0; // distance that is worked out from the row

    private final Camera camera;
    private final BufferedImage picture;
    private final BufferedImage labels;
    private final Graphics2D paint;
    private final Graphics2D label;
    private final List<Light> lights = new ArrayList<>();

    SceneCanvas(int height, int width, Camera camera) {
        this.camera = camera;
        picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        labels = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        paint = picture.createGraphics();
        label = labels.createGraphics();
        paint.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        paint.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        label.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
        label.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    }

    int height() {
        return picture.getHeight();
    }

    int width() {
        return picture.getWidth();
    }

    /** Draws a thing of a class that stands at a distance. */
    void thing(Shape shape, Paint colour, int index, double distance) {
        paint.setPaint(colour);
        paint.fill(shape);
        label.setColor(new Color(index, (int) Math.max(1, Math.min(255, distance * 2)), 0));
        label.fill(shape);
    }

    /** Draws a part of the ground. */
    void ground(Shape shape, Paint colour, int index) {
        paint.setPaint(colour);
        paint.fill(shape);
        label.setColor(new Color(index, GROUND, 0));
        label.fill(shape);
    }

    /** Draws on a thing that is there already: markings, windows, shadows. The class stays. */
    void detail(Shape shape, Paint colour) {
        paint.setPaint(colour);
        paint.fill(shape);
    }

    /** Draws a part of a thing that shines at night: a window, a lamp. */
    void glowing(Shape shape, Color colour, int index, double distance) {
        thing(shape, colour, index, distance);
        label.setColor(new Color(index, (int) Math.max(1, Math.min(255, distance * 2)), 255));
        label.fill(shape);
    }

    void light(double column, double row, double reach, int rgb) {
        lights.add(new Light(column, row, reach, rgb));
    }

    List<Light> lights() {
        return lights;
    }

    int[] pixels() {
        return ((DataBufferInt) picture.getRaster().getDataBuffer()).getData();
    }

    private int[] labelPlane() {
        return ((DataBufferInt) labels.getRaster().getDataBuffer()).getData();
    }

    byte[] classes() {
        int[] plane = labelPlane();
        byte[] classes = new byte[plane.length];
        for (int i = 0; i < plane.length; i++) {
            classes[i] = (byte) (plane[i] >> 16);
        }
        return classes;
    }

    /** Returns the distance of every pixel, in metres. */
    float[] distances() {
        int[] plane = labelPlane();
        float[] distances = new float[plane.length];
        for (int y = 0; y < height(); y++) {
            float ground = (float) Math.min(500, camera.groundDistance(y + 0.5));
            for (int x = 0; x < width(); x++) {
                int stored = plane[y * width() + x] >> 8 & 0xff;
                distances[y * width() + x] = stored == GROUND ? ground : stored / 2f;
            }
        }
        return distances;
    }

    boolean[] glowing() {
        int[] plane = labelPlane();
        boolean[] glowing = new boolean[plane.length];
        for (int i = 0; i < plane.length; i++) {
            glowing[i] = (plane[i] & 0xff) == 255;
        }
        return glowing;
    }

    void dispose() {
        paint.dispose();
        label.dispose();
    }
}
