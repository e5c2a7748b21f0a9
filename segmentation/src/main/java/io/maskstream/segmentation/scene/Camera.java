package io.maskstream.segmentation.scene;

import java.awt.geom.Path2D;
import java.util.random.RandomGenerator;

/**
 * A pinhole camera above a flat street: metres to pixels.
 *
 * <p>x is to the right of the street's middle, y up from the ground, z ahead of the camera.
 *
 * @param focal focal length, in pixels
 * @param eye height of the camera above the ground, in metres
 * @param aside how far the camera stands to the right of the street's middle, in metres
 * @param horizon row of the horizon
 * @param vanishing column at which the street vanishes
 */
record Camera(double focal, double eye, double aside, double horizon, double vanishing) {
    /** Nothing nearer is drawn. */
    static final double NEAREST = 2.2;

    static Camera drawn(RandomGenerator random, int height, int width) {
        return new Camera(
                width * random.nextDouble(0.68, 1.0),
                random.nextDouble(1.2, 2.9),
                random.nextDouble(-1.8, 1.8),
                height * random.nextDouble(0.38, 0.54),
                width * random.nextDouble(0.34, 0.66));
    }

    double column(double x, double z) {
        return vanishing + focal * (x - aside) / Math.max(NEAREST, z);
    }

    double row(double y, double z) {
        return horizon + focal * (eye - y) / Math.max(NEAREST, z);
    }

    /** Returns how many pixels a metre has at a distance. */
    double scale(double z) {
        return focal / Math.max(NEAREST, z);
    }

    /** Returns the distance of the ground in a row below the horizon. */
    double groundDistance(double row) {
        return row <= horizon ? 1e4 : focal * eye / (row - horizon);
    }

    /** A rectangle along the street, upright at a constant x. */
    Path2D side(double x, double fromZ, double toZ, double fromY, double toY) {
        return quad(x, fromY, fromZ, x, toY, fromZ, x, toY, toZ, x, fromY, toZ);
    }

    /** A rectangle across the street, upright at a constant z. */
    Path2D front(double fromX, double toX, double fromY, double toY, double z) {
        return quad(fromX, fromY, z, fromX, toY, z, toX, toY, z, toX, fromY, z);
    }

    /** A rectangle on the ground. */
    Path2D ground(double fromX, double toX, double fromZ, double toZ) {
        return quad(fromX, 0, fromZ, toX, 0, fromZ, toX, 0, toZ, fromX, 0, toZ);
    }

    /** A rectangle at a height. */
    Path2D level(double fromX, double toX, double fromZ, double toZ, double y) {
        return quad(fromX, y, fromZ, toX, y, fromZ, toX, y, toZ, fromX, y, toZ);
    }

    private Path2D quad(double... corners) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < corners.length; i += 3) {
            double column = column(corners[i], corners[i + 2]);
            double row = row(corners[i + 1], corners[i + 2]);
            if (i == 0) {
                path.moveTo(column, row);
            } else {
                path.lineTo(column, row);
            }
        }
        path.closePath();
        return path;
    }
}
