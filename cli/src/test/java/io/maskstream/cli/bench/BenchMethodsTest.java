package io.maskstream.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.cli.Maskstream;
import io.maskstream.segmentation.scene.SceneFolder;
import io.maskstream.segmentation.scene.StreetScenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with trainings in processes of their own, on a few generated scenes. */
class BenchMethodsTest {
    private static final StreetScenes SCENES = new StreetScenes(9, 48, 64);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    void tabulatesAndDraws_andRunsOnlyWhatIsMissing() throws IOException {
        SceneFolder data = new SceneFolder(folder, SCENES);
        data.write("train", 0, 6);
        data.write("val", 100, 2);
        Path report = folder.resolve("report.json");

        assertThat(bench("supervised", "--report", report.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("2 runs, 0 of them finished before").contains("(2 of 2)");
        assertThat(bench("fixmatch", "--report", report.toString()))
                .as(err.toString())
                .isZero();

        assertThat(out.toString())
                .contains("3 runs, 2 of them finished before")
                .contains("(1 of 1)")
                .contains("of the gap")
                .containsPattern("fixmatch \\([+-]0\\.\\d{3}\\).*$");
        JsonNode json = new ObjectMapper().readTree(report.toFile());
        assertThat(json.at("/name").asText()).isEqualTo("methods");
        assertThat(json.at("/runs/1/what").asText()).contains("fixmatch");
        assertThat(json.at("/methods/1/stepMillis").asDouble()).isPositive();
        assertThat(json.at("/methods/1/peakRssMiB").asDouble()).isGreaterThan(50);
        assertThat(json.at("/setting/labels").asText()).isEqualTo("2");
        assertThat(json.at("/ceiling").asDouble()).isBetween(0.0, 1.0);
        requireDrawn(folder.resolve("bench/gains.png"), 960);
        requireDrawn(folder.resolve("bench/labels-fixmatch.png"), 1000);
        requireDrawn(folder.resolve("bench/labels.png"), 1000);
        assertThat(bench("fixmatch", "--against", "supervised:steady-average=1", "--report", report.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("3 runs, 1 of them finished before")
                .contains("supervised:steady-average=1.0 with all labels reaches")
                .contains("Better than supervised:steady-average=1.0");
        JsonNode held = new ObjectMapper().readTree(report.toFile());
        assertThat(held.at("/against").asText()).isEqualTo("supervised:steady-average=1.0");
        assertThat(held.at("/runs/1/what").asText()).endsWith("against supervised:steady-average=1.0");
        assertThat(bench("fixmatch", "--iterations", "4")).isOne();
        assertThat(err.toString()).contains("iterations was 3 and is now 4");
    }

    @Test
    void saysWhatThereIs_whenAnOptionOrMethodIsUnknown() throws IOException {
        assertThat(bench("magic")).isOne();
        assertThat(err.toString()).contains("there is no method magic").contains("fixmatch");
        assertThat(bench("fixmatch", "--option", "magic=1")).isOne();
        assertThat(err.toString()).contains("no method has an option magic").contains("threshold");
    }

    private int bench(String methods, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "bench", "methods",
                "--dataset", folder.toString(),
                "--model", "light",
                "--labels", "2",
                "--size", "64x48",
                "--batch", "2",
                "--seeds", "1",
                "--out", folder.resolve("bench").toString(),
                "--methods", methods));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--iterations")) {
            arguments.addAll(List.of("--iterations", "3"));
        }
        return Maskstream.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    }

    private static void requireDrawn(Path file, int width) throws IOException {
        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(picture.getWidth()).isEqualTo(width);
        assertThat(picture.getHeight()).isBetween(150, 4000);
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < width; x++) {
                colours.add(picture.getRGB(x, y));
            }
        }
        assertThat(colours).hasSizeGreaterThan(20);
    }
}
