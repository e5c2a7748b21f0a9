/**
 * Generated street scenes with exact masks: data of one's own for demonstrations, tests and benchmarks.
 *
 * <p>Start at {@link io.maskstream.segmentation.scene.StreetScenes}. A scene is laid out in metres and projected
 * ({@code Camera}), drawn twice (as picture and as mask, {@code SceneCanvas}), and then gets weather, light and camera
 * noise ({@code Atmosphere}), which change the picture only.
 */
@NullMarked
package io.maskstream.segmentation.scene;

import org.jspecify.annotations.NullMarked;
