package io.maskstream.segmentation.image;

import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/** Prints how long the hot paths take on this machine; run by hand to find slow spots, no test. */
public final class CodecSpeed {
    // Time of this thread on a processor, so that a busy machine measures the same.
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private interface Work {
        Object run() throws Exception;
    }

    private CodecSpeed() {}

    /** Measures each path at 480x360. */
    public static void main(String[] arguments) throws Exception {
        Scene scene = new StreetScenes(1, 360, 480).scene(1);
        byte[] jpeg = ImageEncoder.jpeg(scene.image());
        byte[] png = ImageEncoder.png(scene.image());
        byte[] webp = MalformedImages.resource("lossy.webp");
        Mask mask = scene.mask();
        byte[] maskPng = GreyPng.encode(mask);
        ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT);
        System.out.printf("JPEG %d bytes, PNG %d bytes, mask %d bytes%n", jpeg.length, png.length, maskPng.length);
        measure("decode JPEG", () -> decoder.decode(jpeg));
        measure("inspect JPEG", () -> decoder.inspect(jpeg));
        measure("decode PNG", () -> decoder.decode(png));
        measure("decode WebP of 26x18", () -> decoder.decode(webp));
        measure("shrink to 160x120", () -> Resampling.bilinear(scene.image(), 120, 160));
        measure("shrink to 256x192", () -> Resampling.bilinear(scene.image(), 192, 256));
        measure("nearest to 160x120", () -> Resampling.nearest(mask, 120, 160));
        measure("encode mask", () -> GreyPng.encode(mask));
        byte[] greens = new byte[480 * 360];
        for (int i = 0; i < greens.length; i++) {
            greens[i] = (byte) scene.image().pixels().at(3 * i + 1);
        }
        ConfidenceMap map = new ConfidenceMap(360, 480, Bytes.wrap(greens)); // livelier than any confidence
        measure("encode lively map", () -> GreyPng.encode(map));
        measure("enlarge a map", () -> Resampling.bilinear(Resampling.bilinear(map, 120, 160), 360, 480));
        measure("decode mask", () -> GreyPng.mask(maskPng, 1 << 20));
        measure("encode JPEG", () -> ImageEncoder.jpeg(scene.image()));
        measure("encode PNG", () -> ImageEncoder.png(scene.image()));
        StreetScenes scenes = new StreetScenes(1, 180, 240);
        measure("scene of 240x180", () -> scenes.scene(System.nanoTime()));
    }

    private static void measure(String name, Work work) throws Exception {
        long[] nanos = new long[60];
        int sink = 0;
        for (int i = -300; i < nanos.length; i++) {
            long start = CLOCK.getCurrentThreadCpuTime();
            sink += work.run() == null ? 1 : 0;
            if (i >= 0) {
                nanos[i] = CLOCK.getCurrentThreadCpuTime() - start;
            }
        }
        Arrays.sort(nanos);
        System.out.printf("%-22s median %6.2f ms, p90 %6.2f ms (%d)%n", name, nanos[30] / 1e6, nanos[54] / 1e6, sink);
    }
}
