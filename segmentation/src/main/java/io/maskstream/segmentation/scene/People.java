package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.scene.Street.Upright;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.RoundRectangle2D;
import java.util.SplittableRandom;

/** People, standing and walking. */
final class People {
    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;

    People(SplittableRandom random, Camera camera, SceneCanvas canvas) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
    }

    Upright person(double x, double z) {
        long ownSeed = random.nextLong();
        return new Upright(z, () -> draw(new SplittableRandom(ownSeed), x, z));
    }

    private void draw(SplittableRandom own, double x, double z) {
        double tall = own.nextDouble(1.5, 1.9);
        double metre = camera.scale(z);
        double column = camera.column(x, z);
        double foot = camera.row(0, z);
        double pixels = tall * metre;
        canvas.detail(
                new Ellipse2D.Double(column - 0.32 * metre, foot - 0.05 * metre, 0.64 * metre, 0.13 * metre),
                new Color(8, 10, 14, 110));
        double stride = own.nextDouble(-0.16, 0.17) * metre;
        double hip = foot - pixels * 0.47;
        double leg = pixels * 0.062;
        Color trousers = Palette.shaded(Palette.clothes(own), 0.75);
        thing(limb(column - pixels * 0.045, hip, column - pixels * 0.045 - stride, foot, leg), trousers, z);
        thing(limb(column + pixels * 0.045, hip, column + pixels * 0.045 + stride, foot, leg), trousers, z);
        Color coat = Palette.clothes(own);
        double shoulders = pixels * own.nextDouble(0.11, 0.145);
        double neck = foot - pixels * 0.84;
        double swing = own.nextDouble(-0.1, 0.1) * metre;
        thing(
                limb(column - shoulders, neck + leg, column - shoulders + swing, hip, leg * 0.75),
                Palette.shaded(coat, 0.85),
                z);
        thing(
                limb(column + shoulders, neck + leg, column + shoulders - swing, hip, leg * 0.75),
                Palette.shaded(coat, 0.9),
                z);
        thing(
                new RoundRectangle2D.Double(
                        column - shoulders, neck, 2 * shoulders, hip - neck + leg, shoulders, shoulders),
                coat,
                z);
        double head = pixels * 0.072;
        Color skin = Palette.skin(own);
        thing(new Ellipse2D.Double(column - head, foot - pixels, 2 * head, 2.35 * head), skin, z);
        thing(new Ellipse2D.Double(column - head, foot - pixels, 2 * head, 1.2 * head), Palette.shaded(skin, 0.35), z);
        if (own.nextDouble() < 0.3) {
            double bag = pixels * 0.09;
            thing(
                    new RoundRectangle2D.Double(column + shoulders, hip - bag, bag, bag * 1.4, 2, 2),
                    Palette.paint(own),
                    z);
        }
    }

    private void thing(Shape shape, Color colour, double z) {
        canvas.thing(shape, colour, StreetScenes.PERSON, z);
    }

    private static Shape limb(double fromX, double fromY, double toX, double toY, double half) {
        return Street.path(fromX - half, fromY, fromX + half, fromY, toX + half * 0.8, toY, toX - half * 0.8, toY);
    }
}
