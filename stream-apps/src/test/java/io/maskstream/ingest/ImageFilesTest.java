package io.maskstream.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
    @TempDir
    private Path dir;

    @BeforeEach
    void fill() throws Exception {
        Files.createDirectories(dir.resolve("a/deep"));
        Files.createDirectories(dir.resolve("a/.hidden"));
        for (String name :
                List.of("a/1.jpg", "a/deep/2.PNG", "a/notes.txt", "a/.3.png", "a/.hidden/4.png", "5[x].png")) {
            Files.writeString(dir.resolve(name), "x");
        }
    }

    @Test
    void takesImagesBelowAFolder_whenTheyAreNotHidden() throws Exception {
        assertThat(find("a")).containsExactly("a/1.jpg", "a/deep/2.PNG");
    }

    @Test
    void takesAFileThatIsNamed_whateverItsEnding() throws Exception {
        assertThat(find("a/notes.txt", "5[x].png")).containsExactly("5[x].png", "a/notes.txt");
    }

    @Test
    void takesWhatAPatternMatches_eachOnce() throws Exception {
        assertThat(find("a/*.{jpg,txt}", "a/**.PNG", "a/1.jpg"))
                .containsExactly("a/1.jpg", "a/deep/2.PNG", "a/notes.txt");
    }

    @Test
    void saysWhatIsMissing_whenANameStandsForNothing() {
        assertThatThrownBy(() -> find("nowhere.png"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nowhere.png");
        assertThatThrownBy(() -> find("a/*.tiff")).hasMessageContaining("the pattern matches no file");
    }

    private List<String> find(String... names) throws Exception {
        List<String> all = List.of(names).stream().map(name -> dir + "/" + name).toList();
        return ImageFiles.find(all).stream()
                .map(file -> dir.relativize(file).toString())
                .toList();
    }
}
