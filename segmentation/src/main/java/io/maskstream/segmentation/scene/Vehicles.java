package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.scene.Street.Upright;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.SplittableRandom;

/** Cars, vans and buses, as boxes with a cabin, seen from behind or from the front. */
final class Vehicles {
    private static final Color GLASS = new Color(34, 42, 52);
    private static final Color TYRE = new Color(24, 24, 26);

    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;
    private final SceneCondition condition;

    Vehicles(SplittableRandom random, Camera camera, SceneCanvas canvas, SceneCondition condition) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
        this.condition = condition;
    }

    Upright vehicle(double x, double z, boolean isFromBehind) {
        long ownSeed = random.nextLong();
        return new Upright(z, () -> draw(new SplittableRandom(ownSeed), x, z, isFromBehind));
    }

    private void draw(SplittableRandom own, double x, double z, boolean isFromBehind) {
        double kind = own.nextDouble();
        boolean isBox = kind > 0.8;
        double half = isBox ? own.nextDouble(0.95, 1.2) : own.nextDouble(0.82, 0.95);
        double length = isBox ? own.nextDouble(4.8, 9) : own.nextDouble(3.6, 4.8);
        double roof = isBox ? own.nextDouble(2.1, 3.1) : own.nextDouble(1.38, 1.7);
        double waist = isBox ? roof * 0.52 : 0.88;
        double far = z + length;
        Color paint = Palette.paint(own);
        boolean seesLeft = x - half > camera.aside();
        boolean seesRight = x + half < camera.aside();
        double sideX = seesLeft ? x - half : x + half;
        shadow(x, half, z, far);
        if (seesLeft || seesRight) {
            flank(sideX, z, far, waist, roof, isBox, Palette.shaded(paint, 0.8));
        }
        double inset = isBox ? 0.02 : 0.16;
        if (camera.eye() > roof) {
            canvas.thing(
                    camera.level(
                            x - half + inset, x + half - inset, z + (isBox ? 0 : 0.5), far - (isBox ? 0 : 1.1), roof),
                    Palette.shaded(paint, 1.1),
                    StreetScenes.CAR,
                    z);
        }
        if (!isBox && camera.eye() > waist) {
            canvas.thing(
                    camera.level(x - half, x + half, z, far, waist), Palette.shaded(paint, 1.06), StreetScenes.CAR, z);
        }
        Path2D cabin = Street.path(
                camera.column(x - half + 0.03, z), camera.row(waist, z),
                camera.column(x - half + inset, z + 0.4), camera.row(roof, z + 0.4),
                camera.column(x + half - inset, z + 0.4), camera.row(roof, z + 0.4),
                camera.column(x + half - 0.03, z), camera.row(waist, z));
        canvas.thing(cabin, paint, StreetScenes.CAR, z);
        canvas.detail(
                Street.path(
                        camera.column(x - half + 0.15, z), camera.row(waist + 0.06, z),
                        camera.column(x - half + inset + 0.1, z + 0.4), camera.row(roof - 0.12, z + 0.4),
                        camera.column(x + half - inset - 0.1, z + 0.4), camera.row(roof - 0.12, z + 0.4),
                        camera.column(x + half - 0.15, z), camera.row(waist + 0.06, z)),
                GLASS);
        wheels(x, half, z);
        canvas.thing(
                camera.front(x - half, x + half, 0.24, waist, z), Palette.shaded(paint, 0.95), StreetScenes.CAR, z);
        canvas.detail(camera.front(x - half, x + half, 0.24, 0.42, z), Palette.shaded(paint, 0.45));
        canvas.detail(camera.front(x - 0.26, x + 0.26, 0.46, 0.58, z), new Color(222, 220, 208));
        lights(x, half, waist, z, isFromBehind);
    }

    private void shadow(double x, double half, double z, double far) {
        canvas.detail(camera.ground(x - half - 0.12, x + half + 0.12, z - 0.25, far), new Color(6, 8, 12, 130));
    }

    private void flank(double x, double z, double far, double waist, double roof, boolean isBox, Color paint) {
        canvas.thing(camera.side(x, z, far, 0.26, waist), paint, StreetScenes.CAR, z);
        double back = isBox ? 0 : 0.35;
        double front = isBox ? 0.2 : 1.25;
        Path2D top = Street.path(
                camera.column(x, z), camera.row(waist, z),
                camera.column(x, z + back), camera.row(roof, z + back),
                camera.column(x, far - front), camera.row(roof, far - front),
                camera.column(x, far - front * 0.45), camera.row(waist, far - front * 0.45));
        canvas.thing(top, paint, StreetScenes.CAR, z);
        canvas.detail(camera.side(x, z + back + 0.35, far - front - 0.2, waist + 0.05, roof - 0.14), GLASS);
        for (double axle : new double[] {z + 0.75, far - 0.8}) {
            double left = camera.column(x, axle - 0.32);
            double right = camera.column(x, axle + 0.32);
            double top2 = camera.row(0.64, axle);
            canvas.thing(
                    new Ellipse2D.Double(
                            Math.min(left, right), top2, Math.abs(right - left), camera.row(0, axle) - top2),
                    TYRE,
                    StreetScenes.CAR,
                    z);
        }
    }

    private void wheels(double x, double half, double z) {
        canvas.thing(camera.front(x - half + 0.05, x - half + 0.3, 0, 0.4, z), TYRE, StreetScenes.CAR, z);
        canvas.thing(camera.front(x + half - 0.3, x + half - 0.05, 0, 0.4, z), TYRE, StreetScenes.CAR, z);
    }

    private void lights(double x, double half, double waist, double z, boolean isFromBehind) {
        boolean isOn = condition == SceneCondition.NIGHT
                || condition == SceneCondition.DUSK
                || condition == SceneCondition.FOG;
        Color dark = isFromBehind ? new Color(140, 24, 24) : new Color(206, 206, 196);
        Color bright = isFromBehind ? new Color(255, 60, 44) : new Color(255, 246, 218);
        for (int side = -1; side <= 1; side += 2) {
            double middle = x + side * (half - 0.2);
            Path2D lamp = camera.front(middle - 0.14, middle + 0.14, waist - 0.26, waist - 0.08, z);
            if (isOn) {
                canvas.glowing(lamp, bright, StreetScenes.CAR, z);
                double reach = camera.scale(z) * (isFromBehind ? 0.9 : 1.6);
                canvas.light(camera.column(middle, z), camera.row(waist - 0.17, z), reach, bright.getRGB());
            } else {
                canvas.detail(lamp, dark);
            }
        }
    }
}
