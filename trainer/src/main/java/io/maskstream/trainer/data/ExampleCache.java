package io.maskstream.trainer.data;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Examples at the training size on disk, so that an image is decoded once, with the last ones used in memory.
 *
 * <p>A key names content, never a state: what is stored under it does not change. It is a cache; deleting its folder while nothing
 * runs costs time and nothing else. Safe for use by several threads.
 */
public final class ExampleCache {
    private static final int MAGIC = 0x4d53_4531;

    private final Path folder;
    private final long maxBytes;
    private final Map<String, Example> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * @param folder created if it is not there
     * @param maxBytes of pixels and masks held in memory
     */
    public ExampleCache(Path folder, long maxBytes) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.maxBytes = maxBytes;
    }

    /** Says whether there is an example of that key. */
    public boolean contains(String key) {
        return Files.isRegularFile(file(key));
    }

    /** Stores an example, unless it is there. */
    public void put(String key, Example example) throws IOException {
        Path target = file(key);
        if (!Files.isRegularFile(target)) {
            Path part = Files.createTempFile(folder, key, ".part");
            write(part, example);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        remember(key, example);
    }

    /** Returns the example of a key, or nothing if it is not there or not whole. */
    public Optional<Example> find(String key) {
        synchronized (recent) {
            Example example = recent.get(key);
            if (example != null) {
                return Optional.of(example);
            }
        }
        Path file = file(key);
        try {
            Example example = read(file);
            remember(key, example);
            return Optional.of(example);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the examples of some keys, read as they are asked for. */
    public Examples examples(List<String> keys) {
        List<String> all = List.copyOf(keys);
        return new Examples() {
            @Override
            public int size() {
                return all.size();
            }

            @Override
            public Example get(int index) {
                return find(all.get(index))
                        .orElseThrow(() -> new UncheckedIOException(new IOException("the example " + all.get(index)
                                + " has gone from " + folder + "; restart the trainer and it is read again")));
            }
        };
    }

    /** Deletes all but the examples of some keys. */
    public void retain(Collection<String> keys) throws IOException {
        Set<String> names = keys.stream().map(key -> key + ".example").collect(Collectors.toSet());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!names.contains(file.getFileName().toString())) {
                    Files.deleteIfExists(file);
                }
            }
        }
        synchronized (recent) {
            recent.keySet().retainAll(Set.copyOf(keys));
            bytes = recent.values().stream().mapToLong(ExampleCache::size).sum();
        }
    }

    private Path file(String key) {
        if (!key.matches("[0-9a-f]{16,128}")) {
            throw new IllegalArgumentException("a key of the cache is a digest in hex, not " + key);
        }
        return folder.resolve(key + ".example");
    }

    private void remember(String key, Example example) {
        synchronized (recent) {
            if (recent.put(key, example) == null) {
                bytes += size(example);
            }
            var oldest = recent.entrySet().iterator();
            while (bytes > maxBytes && oldest.hasNext()) {
                bytes -= size(oldest.next().getValue());
                oldest.remove();
            }
        }
    }

    private static long size(Example example) {
        Mask mask = example.mask();
        return example.image().pixels().length()
                + (mask == null ? 0L : mask.classes().length());
    }

    private static void write(Path file, Example example) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            Mask mask = example.mask();
            out.writeInt(MAGIC);
            out.writeUTF(example.id());
            out.writeInt(example.image().height());
            out.writeInt(example.image().width());
            out.writeBoolean(mask != null);
            out.write(example.image().pixels().toArray());
            if (mask != null) {
                out.write(mask.classes().toArray());
            }
        }
    }

    private static Example read(Path file) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        try (DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(whole))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(file + " is no example");
            }
            String id = in.readUTF();
            int height = in.readInt();
            int width = in.readInt();
            boolean hasMask = in.readBoolean();
            long area = (long) height * width;
            if (height < 1 || width < 1 || in.available() != area * (hasMask ? 4 : 3)) {
                throw new IOException(file + " is not whole");
            }
            RgbImage image = new RgbImage(height, width, Bytes.wrap(in.readNBytes((int) (3 * area))));
            @Nullable Mask mask = hasMask ? new Mask(height, width, Bytes.wrap(in.readNBytes((int) area))) : null;
            return new Example(id, image, mask);
        }
    }
}
