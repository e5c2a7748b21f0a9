package io.maskstream.segmentation.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.image.Bytes;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class GreyPngPropertiesTest {
    @Property(tries = 150)
    void comesBackTheSame_whateverSizeAndContent(
            @ForAll @IntRange(min = 1, max = 70) int height,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 1, max = 256) int values,
            @ForAll long seed)
            throws MaskFormatException {
        byte[] samples = new byte[height * width];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) random.nextInt(values);
        }
        Mask mask = new Mask(height, width, Bytes.wrap(samples));
        ConfidenceMap map = new ConfidenceMap(height, width, Bytes.wrap(samples));

        assertThat(GreyPng.mask(GreyPng.encode(mask), samples.length)).isEqualTo(mask);
        assertThat(GreyPng.confidence(GreyPng.encode(map), samples.length)).isEqualTo(map);
    }
}
