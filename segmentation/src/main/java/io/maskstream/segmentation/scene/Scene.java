package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;

/**
 * A generated picture and what every pixel of it shows.
 *
 * @param image the picture
 * @param mask its classes, of the same size; nothing is ignored
 * @param condition light and weather, which decide how hard it is
 */
public record Scene(RgbImage image, Mask mask, SceneCondition condition) {}
