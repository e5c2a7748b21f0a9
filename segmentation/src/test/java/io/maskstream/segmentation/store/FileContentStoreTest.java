package io.maskstream.segmentation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileContentStoreTest {
    private static final byte[] CONTENT = "abc".getBytes(StandardCharsets.UTF_8);
    // The example of FIPS 180-2, appendix B.1.
    private static final String KEY = "sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    private Path directory;

    private Path root;
    private FileContentStore store;

    @BeforeEach
    void open() throws IOException {
        root = directory.resolve("store");
        store = new FileContentStore(root);
    }

    @Test
    void findsContentByItsDigest_storedAsBytesOrAsFile() throws IOException {
        Path file = Files.write(directory.resolve("file"), CONTENT);

        assertThat(store.contains(KEY)).isFalse();
        assertThat(store.put(CONTENT)).isEqualTo(KEY);
        assertThat(store.put(file)).isEqualTo(KEY);
        assertThat(store.contains(KEY)).isTrue();
        assertThat(store.get(KEY, 3)).isEqualTo(CONTENT);
        assertThat(store.localFile(KEY)).hasBinaryContent(CONTENT);
        assertThat(filesBelow(root)).hasSize(1);
    }

    @Test
    void isThere_whenTheStoreIsOpenedAgain() throws IOException {
        store.put(CONTENT);

        assertThat(new FileContentStore(root).get(KEY, 100)).isEqualTo(CONTENT);
    }

    @Test
    void storesNothingToo() throws IOException {
        assertThat(store.get(store.put(new byte[0]), 1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256/",
                "sha256/../../../etc/passwd",
                "../sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "sha256/BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                "sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a\0",
                "md5/900150983cd24fb0d6963f7d28e17f72"
            })
    void refusesAKeyOfAnotherForm_beforeAnythingIsOpened(String key) {
        assertThatThrownBy(() -> store.get(key, 10)).hasMessageContaining("sha256/ and 64 digits");
        assertThatThrownBy(() -> store.localFile(key)).hasMessageContaining("sha256/ and 64 digits");
        assertThatThrownBy(() -> store.contains(key)).hasMessageContaining("sha256/ and 64 digits");
    }

    @Test
    void namesTheKey_whenItIsNotThere() {
        assertThatThrownBy(() -> store.get(KEY, 10))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(KEY);
    }

    @Test
    void refusesContentLargerThanTheCallerHolds() throws IOException {
        store.put(CONTENT);

        assertThatThrownBy(() -> store.get(KEY, 2))
                .hasMessage("content " + KEY + " has 3 bytes, at most 2 are accepted");
    }

    @Test
    void refusesDamagedContent_andMendsItWhenStoredAgain() throws IOException {
        store.put(CONTENT);
        Files.write(store.localFile(KEY), "abd".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> store.get(KEY, 10)).hasMessageContaining("is damaged");
        assertThatThrownBy(() -> store.localFile(KEY)).hasMessageContaining("is damaged");
        store.put(CONTENT);
        assertThat(store.get(KEY, 10)).isEqualTo(CONTENT);
    }

    @Test
    void followsNoLink_outOfTheStore() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        store.put(CONTENT);
        Path file = store.localFile(KEY);
        Path kept = Files.move(file, outside.resolve("kept"));
        try {
            Files.createSymbolicLink(file, kept);
        } catch (UnsupportedOperationException | IOException e) {
            assumeThat(false).as("this file system has no symbolic links").isTrue();
        }

        assertThatThrownBy(() -> store.get(KEY, 10)).isInstanceOf(NoSuchFileException.class);
        Files.delete(file);
        Files.delete(file.getParent());
        Files.createSymbolicLink(file.getParent(), outside);
        assertThatThrownBy(() -> store.get(KEY, 10)).hasMessageContaining("it is a link");
        assertThatThrownBy(() -> store.put(CONTENT)).hasMessageContaining("it is a link");
    }

    @Test
    void removesWhatAKilledWriterLeft_butNothingFresh() throws IOException {
        Path old = Files.write(root.resolve("unfinished/put-old"), CONTENT);
        Path fresh = Files.write(root.resolve("unfinished/put-fresh"), CONTENT);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        new FileContentStore(root).put(CONTENT);
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();
    }

    @Test
    void keepsOneWholeCopy_whenManyWritersStoreTheSame() throws Exception {
        byte[] large = new byte[300_000];
        Arrays.fill(large, (byte) 7);
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Callable<String>> writers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                writers.add(() -> {
                    String key = store.put(large);
                    assertThat(store.get(key, large.length)).isEqualTo(large);
                    return key;
                });
            }
            for (Future<String> written : threads.invokeAll(writers)) {
                assertThat(written.get()).matches("sha256/[0-9a-f]{64}");
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(filesBelow(root)).hasSize(1);
    }

    private static List<Path> filesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
