package io.maskstream.segmentation.image;

import com.twelvemonkeys.imageio.plugins.bmp.BMPImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/** The decoders of the JDK and of TwelveMonkeys, called only after the structure of a file was checked. */
final class PluginDecoders {
    private static final ImageReaderSpi JPEG = jdkJpeg();
    private static final ImageReaderSpi WEBP = new WebPImageReaderSpi();
    private static final ImageReaderSpi TIFF = new TIFFImageReaderSpi();
    private static final ImageReaderSpi BMP = new BMPImageReaderSpi();

    private PluginDecoders() {}

    /** The JDK's reader is native and the fastest there is; the plug-in of TwelveMonkeys would wrap it. */
    private static ImageReaderSpi jdkJpeg() {
        Iterator<ImageReaderSpi> readers =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
        while (readers.hasNext()) {
            ImageReaderSpi reader = readers.next();
            if (reader.getPluginClassName().equals("com.sun.imageio.plugins.jpeg.JPEGImageReader")) {
                return reader;
            }
        }
        throw new IllegalStateException("this Java has no JPEG reader: use a JDK with the module java.desktop");
    }

    static RgbImage jpeg(JpegSegments jpeg) throws IOException {
        return with(JPEG, jpeg.bare(), reader -> {
            if (jpeg.components() != 4) {
                return Rasters.toRgb(reader.read(0));
            }
            Raster raster = reader.readRaster(0, null); // raw: the JDK makes no colours of four inks
            return Rasters.inksToRgb(raster, jpeg.adobeTransform());
        });
    }

    static RgbImage other(FormatHeader.Format format, byte[] bytes) throws IOException {
        ImageReaderSpi spi =
                switch (format) {
                    case WEBP -> WEBP;
                    case TIFF -> TIFF;
                    default -> BMP;
                };
        return with(spi, bytes, reader -> {
            BufferedImage image = reader.read(0);
            return Rasters.toRgb(image);
        });
    }

    private interface Decoding {
        RgbImage from(ImageReader reader) throws IOException;
    }

    private static RgbImage with(ImageReaderSpi spi, byte[] bytes, Decoding decoding) throws IOException {
        ImageReader reader = spi.createReaderInstance();
        try (ImageInputStream in = new PatientInput(bytes)) {
            String[] cutOff = {""};
            reader.addIIOReadWarningListener((source, warning) -> {
                String text = warning.toLowerCase(Locale.ROOT);
                if (text.contains("premature") || text.contains("end of file") || text.contains("eof")) {
                    cutOff[0] = warning;
                }
            });
            reader.setInput(in, true, true);
            RgbImage image = decoding.from(reader);
            if (!cutOff[0].isEmpty()) {
                throw new IOException("truncated picture: " + cutOff[0]);
            }
            return image;
        } finally {
            reader.dispose();
        }
    }
}
