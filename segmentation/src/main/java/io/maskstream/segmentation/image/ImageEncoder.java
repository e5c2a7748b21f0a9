package io.maskstream.segmentation.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures, for what the system itself makes: generated scenes, overlays, thumbnails. */
public final class ImageEncoder {
    private static final float QUALITY = 0.92f;

    private ImageEncoder() {}

    /** Returns the picture as an 8-bit RGB PNG, without loss. */
    public static byte[] png(RgbImage image) {
        return PngWriter.rgb(image.height(), image.width(), image.pixels().toArray());
    }

    /** Returns the picture as a baseline JPEG of quality 92. */
    public static byte[] jpeg(RgbImage image) {
        BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < bgr.length; i += 3) {
            bgr[i] = (byte) image.pixels().at(i + 2);
            bgr[i + 1] = (byte) image.pixels().at(i + 1);
            bgr[i + 2] = (byte) image.pixels().at(i);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 15);
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            how.setCompressionQuality(QUALITY);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture, null, null), how);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }
}
