package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.scene.Street.Upright;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.SplittableRandom;

/** Traffic signs, traffic lights and street lamps, each with its pole. */
final class Signs {
    private static final Color STEEL = new Color(112, 116, 120);
    private static final Color WHITE = new Color(236, 236, 230);
    private static final Color RED = new Color(190, 32, 36);
    private static final Color BLUE = new Color(28, 82, 160);
    private static final Color YELLOW = new Color(232, 180, 32);

    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;
    private final SceneCondition condition;

    Signs(SplittableRandom random, Camera camera, SceneCanvas canvas, SceneCondition condition) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
        this.condition = condition;
    }

    Upright sign(double x, double z) {
        int kind = random.nextInt(5);
        double tall = random.nextDouble(2.3, 3.0);
        return new Upright(z, () -> {
            pole(x, z, tall, 0.1);
            double metre = camera.scale(z);
            double column = camera.column(x, z);
            double row = camera.row(tall, z);
            double r = Math.max(2, 0.5 * metre);
            switch (kind) {
                case 0 -> {
                    disc(column, row, r, RED, z);
                    canvas.detail(circle(column, row, r * 0.72), WHITE);
                }
                case 1 -> {
                    disc(column, row, r, BLUE, z);
                    canvas.detail(
                            Street.path(column, row - r * 0.6, column + r * 0.5, row, column - r * 0.5, row), WHITE);
                }
                case 2 -> {
                    canvas.thing(
                            Street.path(
                                    column,
                                    row - r * 1.15,
                                    column + r * 1.1,
                                    row + r * 0.8,
                                    column - r * 1.1,
                                    row + r * 0.8),
                            RED,
                            StreetScenes.SIGN,
                            z);
                    canvas.detail(
                            Street.path(
                                    column,
                                    row - r * 0.6,
                                    column + r * 0.6,
                                    row + r * 0.5,
                                    column - r * 0.6,
                                    row + r * 0.5),
                            WHITE);
                }
                case 3 ->
                    canvas.thing(
                            Street.path(
                                    column,
                                    row - r * 1.2,
                                    column + r * 1.2,
                                    row,
                                    column,
                                    row + r * 1.2,
                                    column - r * 1.2,
                                    row),
                            YELLOW,
                            StreetScenes.SIGN,
                            z);
                default -> trafficLight(column, row, r, z);
            }
        });
    }

    Upright lamp(double x, double z, int towardsRoad) {
        double tall = random.nextDouble(4.6, 6.2);
        return new Upright(z, () -> {
            pole(x, z, tall, 0.08);
            double metre = camera.scale(z);
            double row = camera.row(tall, z);
            double from = camera.column(x, z);
            double to = camera.column(x + towardsRoad * 1.1, z);
            double thick = Math.max(1, 0.12 * metre);
            canvas.thing(
                    new Rectangle2D.Double(Math.min(from, to), row, Math.abs(to - from), thick),
                    STEEL,
                    StreetScenes.SIGN,
                    z);
            double size = Math.max(1.5, 0.26 * metre);
            Ellipse2D head = new Ellipse2D.Double(to - size, row - size * 0.2, 2 * size, size);
            if (condition == SceneCondition.NIGHT || condition == SceneCondition.DUSK) {
                canvas.glowing(head, new Color(255, 226, 160), StreetScenes.SIGN, z);
                canvas.light(to, row + size, metre * 3.4, 0xffd890);
            } else {
                canvas.thing(head, STEEL, StreetScenes.SIGN, z);
            }
        });
    }

    private void pole(double x, double z, double tall, double half) {
        double column = camera.column(x, z);
        double reach = Math.max(0.6, half * camera.scale(z));
        double top = camera.row(tall, z);
        canvas.thing(
                new Rectangle2D.Double(column - reach, top, 2 * reach, camera.row(0, z) - top),
                STEEL,
                StreetScenes.SIGN,
                z);
    }

    private void trafficLight(double column, double row, double r, double z) {
        canvas.thing(
                new Rectangle2D.Double(column - r * 0.6, row - r * 1.6, r * 1.2, r * 3.2),
                new Color(30, 32, 32),
                StreetScenes.SIGN,
                z);
        int lit = random.nextInt(3);
        Color[] colours = {new Color(240, 50, 40), new Color(250, 190, 40), new Color(60, 220, 120)};
        for (int i = 0; i < colours.length; i++) {
            Ellipse2D bulb = circle(column, row + (i - 1) * r, r * 0.4);
            if (i == lit) {
                canvas.glowing(bulb, colours[i], StreetScenes.SIGN, z);
            } else {
                canvas.detail(bulb, Palette.shaded(colours[i], 0.25));
            }
        }
    }

    private void disc(double column, double row, double radius, Color colour, double z) {
        canvas.thing(circle(column, row, radius), colour, StreetScenes.SIGN, z);
    }

    private static Ellipse2D circle(double column, double row, double radius) {
        return new Ellipse2D.Double(column - radius, row - radius, 2 * radius, 2 * radius);
    }
}
