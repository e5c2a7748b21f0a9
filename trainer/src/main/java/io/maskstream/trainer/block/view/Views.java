package io.maskstream.trainer.block.view;

import io.maskstream.trainer.block.View;

/** The two views of which every method speaks. */
public final class Views {
    private Views() {}

    /**
     * The weak view: scale from 1/1.7 to 1.7, any position, flip left to right, a little brightness.
     *
     * <p>The range is the one with which a network that learns from nothing gained most on CamVid.
     */
    public static View weak() {
        return View.named("weak view", new GeometricView(1 / 1.7, 1.7, 0.5).then(PhotometricView.BRIGHTNESS));
    }

    /** The strong view of FixMatch for segmentation (Yang et al., CVPR 2023): colour and blur, on top of a weak view. */
    public static View strong() {
        return View.named("strong colours", PhotometricView.STRONG);
    }
}
