package io.maskstream.segmentation.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3", "5, 4", "8, 8", "9, 17", "33, 20"})
    void readsWhatTheJdkWrites_plainAndInterlaced(int width, int height) throws IOException {
        BufferedImage colour = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        BufferedImage bits = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY);
        SplittableRandom random = new SplittableRandom(width);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                colour.setRGB(x, y, random.nextInt());
                bits.setRGB(x, y, random.nextBoolean() ? -1 : 0);
            }
        }
        for (BufferedImage image : new BufferedImage[] {colour, bits}) {
            for (boolean interlaced : new boolean[] {false, true}) {
                RgbImage found = PngColours.toRgb(Png.read(written(image, interlaced), 10_000));
                for (int i = 0; i < width * height; i++) {
                    int rgb = found.pixels().at(3 * i) << 16
                            | found.pixels().at(3 * i + 1) << 8
                            | found.pixels().at(3 * i + 2);
                    assertThat(rgb).isEqualTo(image.getRGB(i % width, i / width) & 0xffffff);
                }
            }
        }
    }

    @Test
    void writesWhatTheJdkReads() throws IOException {
        RgbImage image = MalformedImages.sound();
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(ImageEncoder.png(image)));

        assertThat(read.getWidth()).isEqualTo(image.width());
        for (int i = 0; i < image.width() * image.height(); i++) {
            int rgb = image.pixels().at(3 * i) << 16
                    | image.pixels().at(3 * i + 1) << 8
                    | image.pixels().at(3 * i + 2);
            assertThat(read.getRGB(i % image.width(), i / image.width()) & 0xffffff)
                    .isEqualTo(rgb);
        }
    }

    private static byte[] written(BufferedImage image, boolean interlaced) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), how);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }
}
