package io.maskstream.ingest;

import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image that is to be published; its bytes are read when its turn comes.
 *
 * @param name its file or another name, for messages and for the attribute {@code name}
 * @param content where its bytes come from
 * @param source a camera, a site, a data set
 * @param capturedAt when the picture was taken; null if that is not known
 * @param attributes what else to keep with it
 * @param id its id; null takes the first 32 hex digits of the SHA-256 of its bytes
 */
public record NewImage(
        String name,
        Content content,
        String source,
        @Nullable Instant capturedAt,
        Map<String, String> attributes,
        @Nullable String id) {

    /** Where the bytes of an image come from. */
    @FunctionalInterface
    public interface Content {
        /**
         * Returns the encoded bytes.
         *
         * @param maxBytes more than this are not read
         * @throws IOException if they cannot be read or are more than that
         */
        byte[] read(long maxBytes) throws IOException;
    }

    public NewImage {
        attributes = Map.copyOf(attributes);
        if (id != null && id.isBlank()) {
            throw new IllegalArgumentException("the image " + name + " has a blank id");
        }
    }

    /** Returns the image in a file. */
    public static NewImage inFile(Path file, String source) {
        return new NewImage(file.toString(), max -> ImageIntake.read(file, max), source, null, Map.of(), null);
    }

    /** Returns an image whose bytes are at hand. */
    public static NewImage of(String name, byte[] bytes, String source) {
        return new NewImage(name, max -> bytes, source, null, Map.of(), null);
    }

    /** Returns an image of a data set; its item and split are kept as attributes, its mask is not. */
    public static NewImage of(Dataset dataset, String split, DatasetItem item) {
        return new NewImage(
                item.image().toString(),
                max -> ImageIntake.read(item.image(), max),
                dataset.name(),
                null,
                Map.of("dataset", dataset.name(), "split", split, "item", item.id()),
                null);
    }
}
