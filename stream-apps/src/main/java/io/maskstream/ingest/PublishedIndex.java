package io.maskstream.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Remembers, across runs, the SHA-256 of all image bytes that were published to one topic.
 *
 * <p>A text file with one digest a line, named after the topic's id, so that a topic that was deleted and created anew
 * starts without a past. A line is appended after the brokers have acknowledged the event: a crash in between makes the
 * image be sent once more, never be forgotten, and routing decides once for an image id all the same. Several processes
 * may append at once; each sees the others' lines from its next start on.
 */
final class PublishedIndex implements AutoCloseable {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final FileChannel file;
    private final Set<String> known = new HashSet<>();

    PublishedIndex(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        boolean brokenEnd = false;
        if (Files.exists(path)) {
            String text = Files.readString(path, StandardCharsets.ISO_8859_1);
            text.lines().filter(line -> DIGEST.matcher(line).matches()).forEach(known::add);
            brokenEnd = !text.isEmpty() && !text.endsWith("\n");
        }
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        if (brokenEnd) {
            write("\n"); // a process died within a line; what it began is no digest and is passed over
        }
    }

    /** Says whether the bytes with this digest were published. */
    synchronized boolean contains(String sha256) {
        return known.contains(sha256);
    }

    /** Remembers a digest. */
    synchronized void add(String sha256) {
        if (known.add(sha256)) {
            try {
                write(sha256 + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot remember what was published: " + e.getMessage(), e);
            }
        }
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
