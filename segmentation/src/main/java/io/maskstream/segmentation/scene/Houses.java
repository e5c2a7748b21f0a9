package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.scene.Street.Upright;
import java.awt.Color;
import java.awt.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Rows of houses along both sides, with windows, doors, shops and gaps. */
final class Houses {
    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;
    private final SceneCondition condition;

    Houses(SplittableRandom random, Camera camera, SceneCanvas canvas, SceneCondition condition) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
        this.condition = condition;
    }

    /** Returns the houses of one side; {@code outward} is -1 to the left, 1 to the right. */
    List<Upright> row(double x, int outward, double end) {
        List<Upright> houses = new ArrayList<>();
        double density = random.nextDouble(0.55, 1);
        double usual = random.nextDouble(6, 15);
        double z = Camera.NEAREST + random.nextDouble(6);
        if (random.nextDouble() < density) {
            z = Camera.NEAREST;
        }
        while (z < end) {
            double length = random.nextDouble(6, 17);
            if (random.nextDouble() < density) {
                double from = z;
                double tall = usual * random.nextDouble(0.6, 1.5);
                double back = x + outward * random.nextDouble(0, 1.2);
                long ownSeed = random.nextLong();
                houses.add(new Upright(
                        from, () -> house(new SplittableRandom(ownSeed), back, outward, from, length, tall)));
            }
            z += length;
        }
        return houses;
    }

    private void house(SplittableRandom own, double x, int outward, double z, double length, double tall) {
        Color wall = Palette.wall(own);
        double far = z + length;
        int building = StreetScenes.BUILDING;
        // The wall that faces the street is lit unlike the one that faces the camera.
        Color streetWall = Palette.shaded(wall, outward > 0 ? 0.84 : 0.96);
        canvas.thing(camera.side(x, z, far, 0, tall), streetWall, building, z + length / 3);
        if (z > Camera.NEAREST) {
            double outside = x + outward * 14;
            canvas.thing(camera.front(Math.min(x, outside), Math.max(x, outside), 0, tall, z), wall, building, z);
        }
        if (own.nextDouble() < 0.5) {
            Color roof = Palette.shaded(new Color(0x6e3f35), own.nextDouble(0.6, 1.2));
            canvas.thing(camera.side(x, z, far, tall, tall + own.nextDouble(0.4, 1.6)), roof, building, z + length / 3);
        }
        shopOrDoor(own, x, z, far, wall);
        if (z < 60) {
            windows(own, x, outward, z, far, tall);
        }
    }

    private void shopOrDoor(SplittableRandom own, double x, double z, double far, Color wall) {
        if (own.nextDouble() < 0.4) {
            Color glass = new Color(38, 46, 54);
            boolean isLit = condition == SceneCondition.NIGHT && own.nextDouble() < 0.6;
            pane(camera.side(x, z + 0.6, far - 0.6, 0.5, 2.6), isLit ? new Color(232, 206, 150) : glass, isLit, z);
            canvas.detail(camera.side(x, z + 0.4, far - 0.4, 2.7, 3.3), Palette.paint(own));
        } else {
            double at = own.nextDouble(z + 0.5, Math.max(z + 0.6, far - 1.6));
            canvas.detail(camera.side(x, at, at + 1.1, 0, 2.2), Palette.shaded(wall, 0.45));
        }
    }

    private void windows(SplittableRandom own, double x, int outward, double z, double far, double tall) {
        double storey = own.nextDouble(2.7, 3.5);
        double every = own.nextDouble(1.9, 3.4) * (z > 30 ? 1.6 : 1);
        double wide = own.nextDouble(0.9, 1.4);
        Color glass = Palette.shaded(new Color(70, 84, 98), own.nextDouble(0.5, 1.5));
        double litShare = condition == SceneCondition.NIGHT ? 0.38 : condition == SceneCondition.DUSK ? 0.15 : 0;
        for (double y = storey + 0.9; y + 1.3 < tall; y += storey) {
            for (double at = z + 0.8; at + wide < far; at += every) {
                boolean isLit = own.nextDouble() < litShare;
                pane(camera.side(x, at, at + wide, y, y + 1.5), isLit ? new Color(246, 214, 140) : glass, isLit, z);
            }
            for (double aside = 0.9; z > Camera.NEAREST && z < 28 && aside < 7; aside += every) {
                double left = x + outward * aside + (outward < 0 ? -wide : 0);
                boolean isLit = own.nextDouble() < litShare;
                pane(
                        camera.front(left, left + wide, y, y + 1.5, z),
                        isLit ? new Color(246, 214, 140) : glass,
                        isLit,
                        z);
            }
        }
    }

    private void pane(Shape shape, Color colour, boolean isLit, double z) {
        if (isLit) {
            canvas.glowing(shape, colour, StreetScenes.BUILDING, z);
        } else {
            canvas.detail(shape, colour);
        }
    }
}
