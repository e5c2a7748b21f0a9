package io.maskstream.segmentation.scene;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** Lays out a street in metres: the ground, then everything upright from far to near. */
final class Street {
    /** Something upright, at a distance. */
    record Upright(double distance, Runnable drawing) {}

    private static final double END = 95;
    private static final Color MARKING = new Color(216, 214, 204);

    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;
    private final SceneCondition condition;
    private final double roadHalf;
    private final double kerbLeft;
    private final double kerbRight;
    private final double houseLeft;
    private final double houseRight;
    private final List<Upright> uprights = new ArrayList<>();

    Street(SplittableRandom random, Camera camera, SceneCanvas canvas, SceneCondition condition) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
        this.condition = condition;
        roadHalf = random.nextDouble(3.4, 6.2);
        kerbLeft = -roadHalf;
        kerbRight = roadHalf;
        houseLeft = kerbLeft - random.nextDouble(2.2, 5.5);
        houseRight = kerbRight + random.nextDouble(2.2, 5.5);
    }

    void draw() {
        sky();
        skyline();
        ground();
        Houses houses = new Houses(random, camera, canvas, condition);
        uprights.addAll(houses.row(houseLeft, -1, END));
        uprights.addAll(houses.row(houseRight, 1, END));
        drawFromFarToNear(); // all else stands between the rows, so never behind a house
        trees();
        vehicles();
        people();
        signs();
        drawFromFarToNear();
    }

    private void drawFromFarToNear() {
        uprights.sort(Comparator.comparingDouble(Upright::distance).reversed());
        uprights.forEach(upright -> upright.drawing().run());
        uprights.clear();
    }

    private void sky() {
        Color[] colours =
                switch (condition) {
                    case DAY -> new Color[] {new Color(82, 138, 205), new Color(190, 214, 235)};
                    case DUSK -> new Color[] {new Color(88, 92, 142), new Color(244, 176, 120)};
                    case NIGHT -> new Color[] {new Color(52, 58, 84), new Color(98, 92, 96)};
                    case OVERCAST -> new Color[] {new Color(168, 174, 182), new Color(206, 209, 212)};
                    case RAIN -> new Color[] {new Color(128, 134, 142), new Color(172, 176, 181)};
                    case FOG -> new Color[] {new Color(186, 190, 193), new Color(200, 203, 205)};
                };
        Rectangle2D all = new Rectangle2D.Double(0, 0, canvas.width(), canvas.height());
        canvas.thing(
                all,
                new GradientPaint(0, 0, colours[0], 0, (float) camera.horizon(), colours[1]),
                StreetScenes.SKY,
                127);
    }

    /** Far houses and woods close the street at the horizon. */
    private void skyline() {
        double column = -random.nextDouble(20);
        while (column < canvas.width()) {
            double wide = canvas.width() * random.nextDouble(0.03, 0.11);
            double tall = canvas.height() * random.nextDouble(0.015, 0.09);
            boolean isWood = random.nextDouble() < 0.4;
            if (isWood) {
                Ellipse2D crown = new Ellipse2D.Double(column, camera.horizon() - tall, wide * 1.4, tall * 2);
                canvas.thing(crown, Palette.leaves(random), StreetScenes.TREE, 100);
            } else {
                Rectangle2D block = new Rectangle2D.Double(column, camera.horizon() - tall, wide, tall + 2);
                canvas.thing(block, Palette.wall(random), StreetScenes.BUILDING, 105);
            }
            column += wide;
        }
    }

    private void ground() {
        Rectangle2D below =
                new Rectangle2D.Double(0, camera.horizon(), canvas.width(), canvas.height() - camera.horizon());
        Color paving = Palette.paving(random);
        canvas.ground(below, paving, StreetScenes.PAVEMENT);
        Color asphalt = Palette.asphalt(random);
        canvas.ground(camera.ground(kerbLeft, kerbRight, Camera.NEAREST, 1e4), asphalt, StreetScenes.ROAD);
        Color kerb = Palette.shaded(paving, 1.18);
        canvas.detail(camera.ground(kerbLeft - 0.22, kerbLeft, Camera.NEAREST, 200), kerb);
        canvas.detail(camera.ground(kerbRight, kerbRight + 0.22, Camera.NEAREST, 200), kerb);
        slabs(paving);
        markings();
        patches(asphalt);
        if (condition == SceneCondition.DAY || condition == SceneCondition.DUSK) {
            houseShadow();
        }
    }

    private void slabs(Color paving) {
        Color joint = Palette.shaded(paving, 0.86);
        double step = random.nextDouble(0.8, 2.2);
        for (double z = 3; z < 26; z += step) {
            canvas.detail(camera.ground(houseLeft - 4, kerbLeft - 0.22, z, z + 0.07), joint);
            canvas.detail(camera.ground(kerbRight + 0.22, houseRight + 4, z, z + 0.07), joint);
        }
    }

    private void markings() {
        double kind = random.nextDouble();
        if (kind < 0.75) {
            double dash = random.nextDouble(1.5, 3.5);
            double start = random.nextDouble(3);
            for (double z = 2.5 + start; z < 70; z += 2 * dash) {
                canvas.detail(camera.ground(-0.08, 0.08, z, kind < 0.2 ? z + 2 * dash : z + dash), MARKING);
            }
        }
        if (random.nextDouble() < 0.4) {
            canvas.detail(camera.ground(kerbLeft + 0.3, kerbLeft + 0.42, Camera.NEAREST, 90), MARKING);
            canvas.detail(camera.ground(kerbRight - 0.42, kerbRight - 0.3, Camera.NEAREST, 90), MARKING);
        }
        if (random.nextDouble() < 0.3) {
            double z = random.nextDouble(6, 22);
            for (double x = kerbLeft + 0.4; x < kerbRight - 0.4; x += 1) {
                canvas.detail(camera.ground(x, x + 0.5, z, z + 3), MARKING);
            }
        }
    }

    private void patches(Color asphalt) {
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            double x = random.nextDouble(kerbLeft, kerbRight - 1.5);
            double z = random.nextDouble(3, 25);
            canvas.detail(
                    camera.ground(x, x + random.nextDouble(0.5, 1.5), z, z + random.nextDouble(0.8, 4)),
                    Palette.shaded(asphalt, random.nextDouble(0.72, 0.92)));
        }
    }

    private void houseShadow() {
        double reach = random.nextDouble(0.5, 7);
        boolean fromLeft = random.nextBoolean();
        double near = fromLeft ? houseLeft - 3 : houseRight - reach;
        double far = fromLeft ? houseLeft + reach : houseRight + 3;
        for (double z = 3; z < END; ) {
            double length = random.nextDouble(6, 18);
            if (random.nextDouble() < 0.8) {
                canvas.detail(camera.ground(near, far, z, z + length), new Color(12, 16, 32, 84));
            }
            z += length;
        }
    }

    private void trees() {
        boolean isAvenue = random.nextDouble() < 0.35;
        int count = isAvenue ? random.nextInt(6, 11) : random.nextInt(1, 6);
        Trees trees = new Trees(random, camera, canvas);
        for (int i = 0; i < count; i++) {
            boolean isLeft = random.nextBoolean();
            double x = isLeft
                    ? random.nextDouble(houseLeft + 0.6, kerbLeft - 0.5)
                    : random.nextDouble(kerbRight + 0.5, houseRight - 0.6);
            uprights.add(trees.tree(x, random.nextDouble(6.5, 55)));
        }
        if (random.nextDouble() < 0.35) {
            boolean isLeft = random.nextBoolean();
            double x = isLeft ? houseLeft + 0.4 : houseRight - 0.4;
            double z = random.nextDouble(5, 30);
            uprights.add(trees.hedge(x, z, z + random.nextDouble(4, 14)));
        }
    }

    private void vehicles() {
        Vehicles vehicles = new Vehicles(random, camera, canvas, condition);
        double busy = random.nextDouble();
        for (int side = -1; side <= 1; side += 2) {
            double z = random.nextDouble(4.5, 16);
            while (z < 60) {
                if (random.nextDouble() < 0.2 + 0.5 * busy) {
                    uprights.add(vehicles.vehicle(side * (roadHalf - 1.05), z, side > 0));
                }
                z += random.nextDouble(5.5, 13);
            }
        }
        int driving = random.nextInt(3);
        for (int i = 0; i < driving; i++) {
            double x = roadHalf > 4.6 ? random.nextDouble(-roadHalf + 3.2, roadHalf - 3.2) : 0;
            uprights.add(vehicles.vehicle(x, random.nextDouble(8, 45), x >= 0));
        }
    }

    private void people() {
        People people = new People(random, camera, canvas);
        int count = random.nextDouble() < 0.15 ? 0 : random.nextInt(3, 13);
        for (int i = 0; i < count; i++) {
            double where = random.nextDouble();
            double x = where < 0.42
                    ? random.nextDouble(houseLeft + 0.4, kerbLeft - 0.3)
                    : where < 0.84
                            ? random.nextDouble(kerbRight + 0.3, houseRight - 0.4)
                            : random.nextDouble(kerbLeft, kerbRight);
            uprights.add(people.person(x, random.nextDouble(3.4, 16)));
        }
    }

    private void signs() {
        Signs signs = new Signs(random, camera, canvas, condition);
        int count = random.nextInt(1, 6);
        for (int i = 0; i < count; i++) {
            double x = random.nextBoolean() ? kerbLeft - 0.45 : kerbRight + 0.45;
            uprights.add(signs.sign(x, random.nextDouble(4.2, 20)));
        }
        double gap = random.nextDouble(13, 26);
        boolean isLeft = random.nextBoolean();
        for (double z = random.nextDouble(6, 18); z < 75; z += gap) {
            uprights.add(signs.lamp(isLeft ? kerbLeft - 0.35 : kerbRight + 0.35, z, isLeft ? 1 : -1));
        }
    }

    /** A closed path through points. */
    static Path2D path(double... points) {
        Path2D path = new Path2D.Double();
        path.moveTo(points[0], points[1]);
        for (int i = 2; i < points.length; i += 2) {
            path.lineTo(points[i], points[i + 1]);
        }
        path.closePath();
        return path;
    }
}
