package io.maskstream.segmentation.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/**
 * Bytes that are no picture, or no longer one, each with what the decoder must say of it.
 *
 * <p>All are made here from sound pictures. Other modules send them through whole stages, by way of this module's
 * test-jar.
 */
public final class MalformedImages {
    /** The limits under which the messages hold. */
    public static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1_000_000);

    /**
     * One of them.
     *
     * @param name what was done, in words that may be a file name
     * @param bytes what arrives
     * @param message what the error must contain
     */
    public record Malformed(String name, Bytes bytes, String message) {
        @Override
        public String toString() {
            return name;
        }
    }

    private MalformedImages() {}

    /** Returns all of them, freshly made and equal at every call. */
    public static List<Malformed> all() {
        List<Malformed> all = new ArrayList<>();
        notPictures(all);
        pngs(all);
        jpegs(all);
        webps(all);
        tiffs(all);
        bmps(all);
        return all;
    }

    private static void notPictures(List<Malformed> all) {
        add(all, "nothing", new byte[0], "empty: 0 bytes");
        add(all, "text named .jpg", ascii("This is only a text that somebody named photo.jpg"), "this is text");
        add(all, "error page", ascii("<!DOCTYPE html><html><body>404</body></html>"), "HTML page");
        add(all, "drawing", ascii("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"), "SVG drawing");
        add(all, "gif", ascii("GIF89a\1\0\1\0\0\0\0;"), "this is a GIF");
        add(all, "heic", ascii("\0\0\0\30ftypheic\0\0\0\0mif1heic"), "HEIC picture");
        add(all, "avif", ascii("\0\0\0\34ftypavif\0\0\0\0avifmif1"), "AVIF picture");
        add(all, "video", ascii("\0\0\0\30ftypmp42\0\0\0\0mp42isom"), "video");
        add(all, "pdf", ascii("%PDF-1.7\n1 0 obj"), "this is a PDF");
        add(all, "archive", ascii("PK\3\4\24\0\0\0\10\0"), "ZIP archive");
        byte[] noise = new byte[64];
        new SplittableRandom(5).nextBytes(noise);
        noise[0] = 1;
        add(all, "noise", noise, "no picture's first bytes: 01");
        add(all, "more bytes than allowed", new byte[(1 << 20) + 1], "at most 1048576 are accepted");
    }

    private static void pngs(List<Malformed> all) {
        byte[] png = ImageEncoder.png(sound());
        add(all, "png cut in half", Arrays.copyOf(png, png.length / 2), "truncated PNG");
        add(all, "png without end", Arrays.copyOf(png, png.length - 12), "truncated PNG");
        add(all, "png of its signature", Arrays.copyOf(png, 8), "truncated PNG: 8 bytes");
        add(all, "png with a flipped bit", flipped(png, png.length / 2), "check sum (CRC) of its IDAT");
        add(all, "png with a damaged header", flipped(png, 18), "check sum (CRC) of its IHDR");
        add(all, "png bomb", pngHeader(60_000, 60_000, 8, 2), "60000x60000 px, at most 1000000");
        add(all, "png of the largest size", pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE, 8, 0), "at most 1000000");
        add(all, "png without width", pngHeader(0, 5, 8, 0), "0x5 px");
        add(all, "png of colour type 5", pngHeader(5, 5, 8, 5), "colour type 5 with 8 bits");
        add(all, "png without data", concat(pngHeader(4, 4, 8, 0), pngChunk("IEND", new byte[0])), "row 0 of 4");
        add(
                all,
                "png whose data do not inflate",
                concat(pngHeader(4, 4, 8, 0), pngChunk("IDAT", ascii("not zlib")), pngChunk("IEND", new byte[0])),
                "do not inflate");
        add(all, "animated png", resource("animated.png"), "animated PNG");
    }

    private static void jpegs(List<Malformed> all) {
        byte[] jpeg = ImageEncoder.jpeg(sound());
        add(all, "jpeg cut in half", Arrays.copyOf(jpeg, jpeg.length / 2), "truncated JPEG");
        add(all, "jpeg without end", Arrays.copyOf(jpeg, jpeg.length - 2), "truncated JPEG");
        add(all, "jpeg of its first bytes", Arrays.copyOf(jpeg, 4), "truncated JPEG");
        byte[] gap = concat(Arrays.copyOf(jpeg, jpeg.length - jpeg.length / 3), new byte[] {(byte) 0xff, (byte) 0xd9});
        add(all, "jpeg whose end was put on a cut", gap, "truncated picture");
        byte[] huge = jpeg.clone();
        int frame = frameAt(huge);
        Arrays.fill(huge, frame + 5, frame + 9, (byte) 0xff);
        add(all, "jpeg bomb", huge, "65535x65535 px, at most 1000000");
        byte[] deep = jpeg.clone();
        deep[frame + 4] = 12;
        add(all, "jpeg of 12 bits", deep, "12-bit");
        byte[] lossless = jpeg.clone();
        lossless[frame + 1] = (byte) 0xc3;
        add(all, "lossless jpeg", lossless, "coding process 3");
        add(all, "jpeg of a hundred scans", scans(resource("progressive.jpg"), 100), "more than 64 scans");
        add(all, "jpeg of zeros", concat(Arrays.copyOf(jpeg, 3), new byte[40]), "JPEG");
    }

    private static void webps(List<Malformed> all) {
        byte[] webp = resource("lossy.webp");
        add(all, "webp cut in half", Arrays.copyOf(webp, webp.length / 2), "truncated WebP");
        byte[] shortened = Arrays.copyOf(webp, webp.length / 2);
        ByteBuffer.wrap(shortened).order(ByteOrder.LITTLE_ENDIAN).putInt(4, shortened.length - 8);
        add(all, "webp whose chunk is cut", shortened, "truncated WebP: its chunk");
        byte[] headless = webp.clone();
        headless[23] = 0;
        add(all, "webp without key frame", headless, "does not begin with a key frame");
        byte[] bomb = webp.clone();
        ByteBuffer.wrap(bomb)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(26, (short) 16_383)
                .putShort(28, (short) 16_383);
        add(all, "webp bomb", bomb, "16383x16383 px, at most 1000000");
        byte[] endless = resource("lossless.webp");
        endless[35] = (byte) 225; // with these three the code tables go on behind the end, read as zeros
        endless[62] = 53;
        endless[115] = (byte) 155;
        add(all, "webp that asks for ever more", endless, "its data end before its pixels do");
        add(all, "animated webp", resource("animated.webp"), "animated WebP");
        add(all, "webp without picture", ascii("RIFF\4\0\0\0WEBP"), "no picture chunk");
    }

    private static void tiffs(List<Malformed> all) {
        byte[] tiff = written("tiff");
        add(all, "tiff cut in half", Arrays.copyOf(tiff, tiff.length / 2), "TIFF");
        add(all, "tiff of its header", Arrays.copyOf(tiff, 8), "truncated TIFF");
        add(all, "big tiff", ascii("II+\0\10\0\0\0\20\0\0\0\0\0\0\0"), "BigTIFF is not read");
        add(all, "tiff bomb", tiff(70_000, 70_000, 3, 273, 1), "70000x70000 px, at most 1000000");
        add(all, "tiff of a billion strips", tiff(10, 10, 1, 273, 1_000_000_000), "claims 1000000000 values");
        add(all, "tiff of 900 bands", tiff(10, 10, 900, 273, 1), "900 samples");
        add(all, "tiff without size", tiff(0, 0, 1, 273, 1), "0x0 px");
        byte[] circle = tiff(10, 10, 1, 273, 1);
        ByteBuffer.wrap(circle).order(ByteOrder.LITTLE_ENDIAN).putInt(circle.length - 4, 8);
        add(all, "tiff in a circle", circle, "form a circle");
    }

    private static void bmps(List<Malformed> all) {
        byte[] bmp = written("bmp");
        add(all, "bmp cut in half", Arrays.copyOf(bmp, bmp.length / 2), "truncated BMP");
        add(all, "bmp of its header", Arrays.copyOf(bmp, 30), "truncated BMP");
        byte[] bomb = bmp.clone();
        // Run-length coding lets a small file announce any size.
        ByteBuffer.wrap(bomb)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(18, 60_000)
                .putInt(22, 60_000)
                .putShort(28, (short) 8)
                .putInt(30, 1);
        add(all, "bmp bomb", bomb, "60000x60000 px, at most 1000000");
        byte[] odd = bmp.clone();
        odd[28] = 7;
        add(all, "bmp of 7 bits", odd, "7 bits a pixel");
    }

    /** A sound picture with enough detail that half of its bytes are not all of it. */
    static RgbImage sound() {
        byte[] pixels = new byte[3 * 40 * 60];
        new SplittableRandom(9).nextBytes(pixels);
        return new RgbImage(40, 60, Bytes.wrap(pixels));
    }

    private static void add(List<Malformed> all, String name, byte[] bytes, String message) {
        all.add(new Malformed(name, Bytes.wrap(bytes), message));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= 1;
        return copy;
    }

    private static byte[] pngHeader(int width, int height, int bitDepth, int colourType) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) bitDepth)
                .put((byte) colourType)
                .array();
        return concat(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, pngChunk("IHDR", header));
    }

    private static byte[] pngChunk(String type, byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(ascii(type));
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(ascii(type))
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    /** Repeats the last scan of a progressive JPEG: little to send, a pass over the whole picture each. */
    private static byte[] scans(byte[] jpeg, int count) {
        int last = 0;
        for (int i = 0; i + 1 < jpeg.length; i++) {
            last = jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xda ? i : last;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, last);
        for (int i = 0; i < count; i++) {
            out.write(jpeg, last, jpeg.length - 2 - last);
        }
        out.write(jpeg, jpeg.length - 2, 2);
        return out.toByteArray();
    }

    private static int frameAt(byte[] jpeg) {
        for (int i = 0; i + 1 < jpeg.length; i++) {
            if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xc0) {
                return i;
            }
        }
        throw new IllegalStateException("the JPEG has no baseline frame");
    }

    /** A TIFF of one directory that ends with an entry of a given tag and count, and without pixels. */
    private static byte[] tiff(int width, int height, int samples, int tag, int count) {
        ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 12 * 5 + 4).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8).putShort((short) 5);
        int[][] entries = {{256, 1, width}, {257, 1, height}, {259, 1, 1}, {277, 1, samples}, {tag, count, 8}};
        for (int[] entry : entries) {
            tiff.putShort((short) entry[0]).putShort((short) 4).putInt(entry[1]).putInt(entry[2]);
        }
        return tiff.putInt(0).array();
    }

    private static byte[] written(String format) {
        RgbImage sound = sound();
        BufferedImage image = new BufferedImage(sound.width(), sound.height(), BufferedImage.TYPE_3BYTE_BGR);
        image.getRaster()
                .setDataElements(
                        0, 0, sound.width(), sound.height(), sound.pixels().toArray());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, out)) {
                throw new IllegalStateException("this Java writes no " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] resource(String name) {
        try (InputStream in = MalformedImages.class.getResourceAsStream("/images/" + name)) {
            if (in == null) {
                throw new IllegalStateException("there is no test resource images/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
