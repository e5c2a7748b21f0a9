package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.scene.Street.Upright;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.SplittableRandom;

/** Trees and hedges. */
final class Trees {
    private static final int CORNERS = 26;

    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;

    Trees(SplittableRandom random, Camera camera, SceneCanvas canvas) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
    }

    Upright tree(double x, double z) {
        long ownSeed = random.nextLong();
        return new Upright(z, () -> drawTree(new SplittableRandom(ownSeed), x, z));
    }

    Upright hedge(double x, double fromZ, double toZ) {
        Color green = Palette.leaves(random);
        double tall = random.nextDouble(0.8, 1.9);
        return new Upright(fromZ, () -> {
            canvas.thing(camera.side(x, fromZ, toZ, 0, tall), green, StreetScenes.TREE, fromZ);
            canvas.thing(
                    camera.front(x - 0.6, x + 0.6, 0, tall, fromZ),
                    Palette.shaded(green, 1.1),
                    StreetScenes.TREE,
                    fromZ);
        });
    }

    private void drawTree(SplittableRandom own, double x, double z) {
        double metre = camera.scale(z);
        double trunkTall = own.nextDouble(1.9, 3.4);
        double crown = own.nextDouble(1.2, 2.6);
        double column = camera.column(x, z);
        double foot = camera.row(0, z);
        double shadow = crown * metre;
        canvas.detail(
                new Ellipse2D.Double(column - shadow, foot - shadow * 0.12, 2 * shadow, shadow * 0.26),
                new Color(10, 14, 20, 80));
        double half = Math.max(0.5, metre * own.nextDouble(0.1, 0.2));
        Color bark = Palette.shaded(new Color(0x5b4636), own.nextDouble(0.7, 1.2));
        double fork = camera.row(trunkTall + crown * 0.5, z);
        canvas.thing(
                Street.path(
                        column - half * 1.3,
                        foot,
                        column - half * 0.7,
                        fork,
                        column + half * 0.7,
                        fork,
                        column + half * 1.3,
                        foot),
                bark,
                StreetScenes.TREE,
                z);
        Color leaves = Palette.leaves(own);
        double middle = camera.row(trunkTall + crown, z);
        double radius = crown * metre;
        canvas.thing(
                blob(own, column, middle, radius, radius * own.nextDouble(0.9, 1.5)), leaves, StreetScenes.TREE, z);
        for (int i = 0; i < 3; i++) {
            double lobe = radius * own.nextDouble(0.4, 0.65);
            double dx = radius * own.nextDouble(-0.75, 0.75);
            double dy = radius * own.nextDouble(-0.6, 0.5);
            Color tone = Palette.shaded(leaves, dy < 0 ? own.nextDouble(1.02, 1.25) : own.nextDouble(0.72, 0.95));
            canvas.thing(blob(own, column + dx, middle + dy, lobe, lobe), tone, StreetScenes.TREE, z);
        }
    }

    private static Shape blob(SplittableRandom own, double column, double row, double across, double down) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < CORNERS; i++) {
            double angle = 2 * Math.PI * i / CORNERS;
            double reach = own.nextDouble(0.8, 1.06);
            double px = column + Math.cos(angle) * across * reach;
            double py = row + Math.sin(angle) * down * reach;
            if (i == 0) {
                path.moveTo(px, py);
            } else {
                path.lineTo(px, py);
            }
        }
        path.closePath();
        return path;
    }
}
