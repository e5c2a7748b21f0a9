package io.maskstream.segmentation.store;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A content-addressed store: the key of some bytes is {@code sha256/} and their digest in hex.
 *
 * <p>Bytes are stored before the event that names them is sent, and stored twice they are kept once. A key is checked
 * against its form before anything is opened, so that an event can name nothing outside the store; bytes that no longer
 * have their digest are refused.
 */
public interface ContentStore {

    /** Stores the bytes, unless they are there, and returns their key. */
    String put(byte[] bytes) throws IOException;

    /** Stores the content of a file, unless it is there, and returns its key. */
    String put(Path file) throws IOException;

    /**
     * Returns the bytes of a key.
     *
     * @param maxBytes the most the caller is ready to hold
     * @throws java.nio.file.NoSuchFileException if the store has no such key
     * @throws IOException if the key is malformed, the content is larger than {@code maxBytes} or its digest is wrong
     */
    byte[] get(String key, long maxBytes) throws IOException;

    /** Returns a local file with the bytes of a key, its digest checked; the caller does not change it. */
    Path localFile(String key) throws IOException;

    /** Says whether the store has the key. */
    boolean contains(String key) throws IOException;
}
