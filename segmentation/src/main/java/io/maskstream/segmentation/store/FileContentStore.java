package io.maskstream.segmentation.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A content store in a directory: {@code sha256/<first 2 hex>/<64 hex>}.
 *
 * <p>Content is written to a temporary file, forced to disk and moved into place, so that a key is there wholly or not
 * at all, whatever dies in between; writers of one key end with the same file. No link is followed below the root.
 */
public final class FileContentStore implements ContentStore {
    private static final Pattern KEY = Pattern.compile("sha256/[0-9a-f]{64}");
    private static final String PREFIX = "sha256/";
    private static final int BUFFER = 1 << 16;

    private final Path root;
    private final Path unfinished;

    /** Opens the store in a directory, which is made if it is not there. */
    public FileContentStore(Path root) throws IOException {
        Files.createDirectories(root);
        this.root = root.toRealPath();
        this.unfinished = ownDirectory(this.root.resolve("unfinished"));
        removeLeftovers();
    }

    /** A writer that was killed leaves its temporary file; after a day no writer can still be at work on it. */
    private void removeLeftovers() throws IOException {
        Instant dayAgo = Instant.now().minus(Duration.ofDays(1));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(unfinished)) {
            for (Path file : files) {
                if (isOlder(file, dayAgo)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isOlder(Path file, Instant time) throws IOException {
        try {
            return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isBefore(time);
        } catch (NoSuchFileException e) {
            return false; // its writer has just finished
        }
    }

    @Override
    public String put(byte[] bytes) throws IOException {
        String digest = HexFormat.of().formatHex(sha256().digest(bytes));
        Path place = place(digest);
        if (isIntact(place, digest, bytes.length)) {
            return PREFIX + digest;
        }
        Path temporary = Files.createTempFile(unfinished, "put", null);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            moveIntoPlace(temporary, place);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return PREFIX + digest;
    }

    @Override
    public String put(Path file) throws IOException {
        Path temporary = Files.createTempFile(unfinished, "put", null);
        try {
            MessageDigest digester = sha256();
            // The copy is what is digested, so that a file that changes meanwhile cannot get a wrong key.
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(temporary), digester)) {
                Files.copy(file, out);
            }
            String digest = HexFormat.of().formatHex(digester.digest());
            Path place = place(digest);
            if (!isIntact(place, digest, Files.size(temporary))) {
                force(temporary, StandardOpenOption.WRITE);
                moveIntoPlace(temporary, place);
            }
            return PREFIX + digest;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    @Override
    public byte[] get(String key, long maxBytes) throws IOException {
        Path file = existing(key);
        long size = Files.size(file);
        if (size > maxBytes) {
            throw new IOException("content " + key + " has " + size + " bytes, at most " + maxBytes + " are accepted");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(Math.toIntExact(size));
        }
        requireDigest(key, HexFormat.of().formatHex(sha256().digest(bytes)));
        return bytes;
    }

    @Override
    public Path localFile(String key) throws IOException {
        Path file = existing(key);
        requireDigest(key, digestOf(file));
        return file;
    }

    @Override
    public boolean contains(String key) throws IOException {
        return Files.isRegularFile(place(digestIn(key)), LinkOption.NOFOLLOW_LINKS);
    }

    private Path existing(String key) throws IOException {
        Path file = place(digestIn(key));
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(key, null, "the store in " + root + " does not have it");
        }
        return file;
    }

    /** Only a key of the exact form becomes a path, so that none can leave the root. */
    private static String digestIn(String key) throws IOException {
        if (!KEY.matcher(key).matches()) {
            String shown = key.length() > 100 ? key.substring(0, 100) + "…" : key;
            throw new IOException("a content key is sha256/ and 64 digits of lower-case hex, got '" + shown + "'");
        }
        return key.substring(PREFIX.length());
    }

    private Path place(String digest) throws IOException {
        Path directory = root.resolve("sha256");
        for (Path part : new Path[] {directory, directory.resolve(digest.substring(0, 2))}) {
            if (Files.isSymbolicLink(part)) {
                throw new IOException("the store refuses " + part + ": it is a link, and could lead outside");
            }
        }
        return directory.resolve(digest.substring(0, 2)).resolve(digest);
    }

    /** A damaged copy does not count as there, so that storing the content again mends it. */
    private static boolean isIntact(Path place, String digest, long size) throws IOException {
        return Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                && Files.size(place) == size
                && digestOf(place).equals(digest);
    }

    private void moveIntoPlace(Path temporary, Path place) throws IOException {
        Path parent =
                root.resolve("sha256").resolve(place.getFileName().toString().substring(0, 2));
        ownDirectory(root.resolve("sha256"));
        ownDirectory(parent);
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(parent, StandardOpenOption.READ); // the name, too, must survive a power cut
    }

    private static Path ownDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("the store needs " + directory + " to be a directory of its own", e);
            }
        }
        return directory;
    }

    private static void force(Path path, StandardOpenOption mode) throws IOException {
        if (mode == StandardOpenOption.READ && System.getProperty("os.name", "").startsWith("Windows")) {
            return; // Windows opens no directory, and journals the name itself
        }
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static void requireDigest(String key, String found) throws IOException {
        if (!key.equals(PREFIX + found)) {
            throw new IOException("content " + key + " is damaged: its bytes have the digest " + found
                    + "; store it again from its source");
        }
    }

    private static String digestOf(Path file) throws IOException {
        MessageDigest digester = sha256();
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digester.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digester.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
