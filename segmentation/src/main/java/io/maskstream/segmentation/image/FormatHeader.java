package io.maskstream.segmentation.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What the first bytes of a file say that it is, as stored (not yet turned upright).
 *
 * @param format what the magic bytes tell
 * @param width stored columns
 * @param height stored rows
 * @param orientation EXIF orientation, 1 to 8
 */
record FormatHeader(Format format, long width, long height, int orientation) {

    /** The formats that are read. */
    enum Format {
        JPEG("JPEG"),
        PNG("PNG"),
        WEBP("WebP"),
        TIFF("TIFF"),
        BMP("BMP");

        private final String shown;

        Format(String shown) {
            this.shown = shown;
        }

        @Override
        public String toString() {
            return shown;
        }

        String mediaType() {
            return "image/" + name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String READ = "JPEG, PNG, WebP, TIFF and BMP are read";

    static FormatHeader of(byte[] bytes) throws IOException {
        return switch (sniff(bytes)) {
            case JPEG -> {
                JpegSegments jpeg = new JpegSegments(bytes);
                yield new FormatHeader(Format.JPEG, jpeg.width(), jpeg.height(), jpeg.orientation());
            }
            case PNG -> {
                Png.Size size = Png.size(bytes);
                byte[] exif = Png.chunk(bytes, "eXIf");
                int orientation = exif == null ? 1 : Exif.orientation(exif, 0, exif.length);
                yield new FormatHeader(Format.PNG, size.width(), size.height(), orientation);
            }
            case WEBP -> WebpChunks.header(bytes);
            case TIFF -> tiff(bytes);
            case BMP -> bmp(bytes);
        };
    }

    /** Tells the format by magic bytes; names and declared types are hearsay. */
    static Format sniff(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            throw new IOException("the picture is empty: 0 bytes; " + READ);
        }
        if (startsWith(bytes, 0, "\u00ff\u00d8\u00ff")) {
            return Format.JPEG;
        }
        if (Png.isPng(bytes)) {
            return Format.PNG;
        }
        if (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) {
            return Format.WEBP;
        }
        if (startsWith(bytes, 0, "II*\0")
                || startsWith(bytes, 0, "MM\0*")
                || startsWith(bytes, 0, "II+\0")
                || startsWith(bytes, 0, "MM\0+")) {
            return Format.TIFF;
        }
        if (startsWith(bytes, 0, "BM") && bytes.length >= 18 && startsWith(bytes, 6, "\0\0\0\0")) {
            return Format.BMP;
        }
        throw new IOException(other(bytes) + "; " + READ + ": convert it to one of these");
    }

    private static String other(byte[] bytes) {
        if (startsWith(bytes, 0, "GIF8")) {
            return "this is a GIF";
        }
        if (startsWith(bytes, 4, "ftyp")) {
            String brand =
                    new String(bytes, 8, Math.min(4, Math.max(0, bytes.length - 8)), StandardCharsets.ISO_8859_1);
            return switch (brand) {
                case "heic", "heix", "mif1", "msf1", "hevc" -> "this is a HEIC picture";
                case "avif", "avis" -> "this is an AVIF picture";
                default -> "this is a video or another ISO media file";
            };
        }
        if (startsWith(bytes, 0, "%PDF")) {
            return "this is a PDF";
        }
        if (startsWith(bytes, 0, "PK\u0003\u0004")) {
            return "this is a ZIP archive";
        }
        if (startsWith(bytes, 0, "\0\0\0\u000cjP")) {
            return "this is a JPEG 2000 picture";
        }
        if (isText(bytes)) {
            String start =
                    new String(bytes, 0, Math.min(bytes.length, 512), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
            if (start.contains("<svg")) {
                return "this is an SVG drawing, not pixels";
            }
            return start.contains("<html") || start.contains("<!doctype html")
                    ? "this is an HTML page, perhaps an error page of the server that it came from"
                    : "this is text, not a picture";
        }
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < Math.min(8, bytes.length); i++) {
            hex.append(i == 0 ? "" : " ").append(String.format(Locale.ROOT, "%02x", bytes[i] & 0xff));
        }
        return "these are no picture's first bytes: " + hex;
    }

    private static boolean isText(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, 512); i++) {
            int value = bytes[i] & 0xff;
            if (value < 32 && value != '\t' && value != '\n' && value != '\r') {
                return false;
            }
        }
        return true;
    }

    private static FormatHeader tiff(byte[] bytes) throws IOException {
        TiffDirectories.check(bytes);
        TiffDirectories.Picture picture = TiffDirectories.first(bytes, 0, bytes.length);
        if (picture.samples() < 1 || picture.samples() > 5 || picture.bits() > 16 || picture.sampleFormat() != 1) {
            throw new IOException("the TIFF has " + picture.samples() + " samples of " + picture.bits()
                    + " bits in format " + picture.sampleFormat()
                    + "; unsigned samples of at most 16 bits, at most 5 a pixel, are read: convert it");
        }
        if (picture.tileWidth() * picture.tileHeight() > 1L << 24) {
            throw new IOException("the TIFF has tiles of " + picture.tileWidth() + "x" + picture.tileHeight()
                    + " px, larger than the 16 million pixels that are read at once");
        }
        return new FormatHeader(Format.TIFF, picture.width(), picture.height(), picture.orientation());
    }

    private static FormatHeader bmp(byte[] bytes) throws IOException {
        long header = int32(bytes, 14);
        boolean isOld = header == 12;
        if (!isOld && header < 40) {
            throw new IOException("corrupt BMP: its header claims a length of " + header + " bytes");
        }
        if (bytes.length < (isOld ? 26 : 54)) {
            throw new IOException("truncated BMP: " + bytes.length + " bytes do not hold its header");
        }
        long width = isOld ? int32(bytes, 18) & 0xffff : (int) int32(bytes, 18);
        long height = isOld ? int32(bytes, 18) >> 16 : Math.abs((long) (int) int32(bytes, 22));
        int bits = (int) (isOld ? int32(bytes, 24) & 0xffff : int32(bytes, 28) & 0xffff);
        if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
            throw new IOException("the BMP has " + bits + " bits a pixel; 1, 4, 8, 16, 24 and 32 are read");
        }
        long compression = isOld ? 0 : int32(bytes, 30);
        long end = int32(bytes, 10) + (width * bits + 31) / 32 * 4 * height;
        boolean isPlain = compression == 0 || compression == 3;
        if (width > 0 && isPlain && end > bytes.length) {
            throw new IOException(
                    "truncated BMP: " + width + "x" + height + " px need " + end + " bytes, found " + bytes.length);
        }
        return new FormatHeader(Format.BMP, width, height, 1);
    }

    private static long int32(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xffL) << 24;
    }

    static boolean startsWith(byte[] bytes, int at, String magic) {
        if (bytes.length < at + magic.length()) {
            return false;
        }
        for (int i = 0; i < magic.length(); i++) {
            if ((bytes[at + i] & 0xff) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
