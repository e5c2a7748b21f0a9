package io.maskstream.trainer.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MethodTableTest {
    private static final Path PAGE = Path.of("..", "docs", "methods.md"); // tests run in the module's folder

    @Test
    void isThePageInTheDocs() throws IOException {
        if (Boolean.getBoolean("maskstream.docs.write")) {
            Files.writeString(PAGE, MethodTable.markdown());
        }
        assertThat(Files.readString(PAGE))
                .as("docs/methods.md is stale: run this test with -Dmaskstream.docs.write=true")
                .isEqualTo(MethodTable.markdown());
    }

    @Test
    void countsEachPassOnce_asAStepMakesIt() {
        MethodSheet supervised = MethodSheet.of(Methods.named("supervised"), Map.of());
        assertThat(supervised.networks()).isEqualTo(2);
        assertThat(supervised.labelledCost()).hasToString("1 FB");
        assertThat(supervised.unlabelledCost()).hasToString("–");

        assertThat(MethodSheet.of(Methods.named("st++"), Map.of("test-time-augmentation", 0.0))
                        .poolPasses())
                .isGreaterThan(2);
        MethodSheet fixmatch = MethodSheet.of(Methods.named("fixmatch"), Map.of("threshold", 0.7));
        assertThat(fixmatch.labelledCost()).hasToString("1 FB");
        assertThat(fixmatch.unlabelledCost()).hasToString("1 F + 1 FB");
        assertThat(fixmatch.exported()).isEqualTo("teacher");
        assertThat(fixmatch.poolPasses()).isZero();
        assertThat(fixmatch.stages().get(0).labellings().toString()).contains("confidence at least 0.7");
    }

    @Test
    void describesEveryMethod_throughAllItsStages() {
        assertThat(MethodTable.sheets()).hasSameSizeAs(Methods.all()).allSatisfy(sheet -> {
            assertThat(sheet.networks()).isPositive();
            assertThat(sheet.labelledCost().trained() + sheet.unlabelledCost().trained())
                    .isGreaterThanOrEqualTo(1);
            assertThat(sheet.stages().stream()
                            .mapToDouble(MethodSheet.StageSheet::share)
                            .sum())
                    .isBetween(0.999, 1.001);
            assertThat(sheet.toString()).doesNotContain("$$Lambda");
        });
    }

    @Test
    void shortensACitation_toAuthorsAndVenue() {
        assertThat(MethodSheet.paper("Sohn et al.: FixMatch: Simplifying Semi-Supervised Learning. NeurIPS 2020"))
                .isEqualTo("Sohn et al., NeurIPS 2020");
        assertThat(MethodSheet.paper("Long, Shelhamer: What is it? CVPR 2015")).isEqualTo("Long, Shelhamer, CVPR 2015");
        assertThatThrownBy(() -> MethodSheet.of(Methods.named("fixmatch"), Map.of("magic", 1.0)))
                .hasMessageContaining("threshold");
    }
}
