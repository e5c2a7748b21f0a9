package io.maskstream.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Remembers, across restarts, which files of a watched folder were taken, published or not.
 *
 * <p>A text file with size, time of change and path on each line; a file that changes afterwards is another one. It only
 * saves reading every file again at each start: whether bytes were published, {@link PublishedIndex} knows.
 */
final class TakenFiles implements AutoCloseable {
    private final FileChannel file;
    private final Set<String> taken = new HashSet<>();

    TakenFiles(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        String text = Files.exists(path) ? Files.readString(path) : "";
        int end = text.lastIndexOf('\n') + 1; // a line that a crash cut off may look like another file's
        text.substring(0, end).lines().forEach(taken::add);
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        if (end < text.length()) {
            write("\n");
        }
    }

    boolean contains(SettledFiles.Found found) {
        return taken.contains(line(found));
    }

    void add(SettledFiles.Found found) throws IOException {
        if (taken.add(line(found))) {
            write(line(found) + "\n");
        }
    }

    private static String line(SettledFiles.Found found) {
        String path = found.path()
                .toString()
                .replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
        return found.size() + " " + found.modified().toEpochMilli() + " " + path;
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
