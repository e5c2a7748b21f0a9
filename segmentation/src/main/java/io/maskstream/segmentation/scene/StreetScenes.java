package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.mask.ClassList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An endless street, a scene for every index: houses, trees, parked and driving cars, people, signs, in sun, rain, fog and
 * at night.
 *
 * <p>Made so that a small network can learn it in minutes and still has something to learn: colours of classes overlap,
 * people and signs are rare and small, about a third of the scenes have bad light, and everything may hide everything.
 * Masks are exact to the pixel; all poles count as signs, and every paved area that is no road as pavement.
 *
 * <p>Equal seed, size and index give equal bytes on one Java version. Thread-safe.
 */
public final class StreetScenes {
    static final int SKY = 0;
    static final int BUILDING = 1;
    static final int ROAD = 2;
    static final int PAVEMENT = 3;
    static final int TREE = 4;
    static final int CAR = 5;
    static final int PERSON = 6;
    static final int SIGN = 7;

    private static final ClassList CLASSES = new ClassList(
            List.of("sky", "building", "road", "pavement", "tree", "car", "person", "sign"),
            List.of(0x7fb2e5, 0xb5651d, 0x804080, 0xf423e8, 0x2e8b3d, 0x1f3fbf, 0xdc143c, 0xf2c500));
    private static final int SMALLEST = 32;

    private final long seed;
    private final int height;
    private final int width;

    /**
     * Makes scenes of one size.
     *
     * @param height at least 32 px
     * @param width at least 32 px
     */
    public StreetScenes(long seed, int height, int width) {
        if (height < SMALLEST || width < SMALLEST || (long) height * width > 1L << 24) {
            throw new IllegalArgumentException(
                    "scenes have at least 32x32 px and at most 16 million, got " + width + "x" + height);
        }
        this.seed = seed;
        this.height = height;
        this.width = width;
    }

    /** Returns the eight classes, in the colours in which they are shown. */
    public static ClassList classes() {
        return CLASSES;
    }

    /** Draws the scene of an index. */
    public Scene scene(long index) {
        // Golden-ratio steps keep neighbouring indices and seeds apart; the generator mixes the rest.
        SplittableRandom random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L ^ (index + 1) * 0xd1342543de82ef95L);
        random.nextLong();
        SceneCondition condition = SceneCondition.at(random.nextDouble());
        Camera camera = Camera.drawn(random, height, width);
        SceneCanvas canvas = new SceneCanvas(height, width, camera);
        try {
            new Street(random, camera, canvas, condition).draw();
            return new Atmosphere(random, camera, canvas, condition).finish();
        } finally {
            canvas.dispose();
        }
    }
}
