package io.maskstream.trainer.network.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OperatorTableTest {
    private static final Path PAGE = Path.of("..", "docs", "operators.md"); // tests run in the module's folder

    @Test
    void isThePageInTheDocs() throws IOException {
        if (Boolean.getBoolean("maskstream.docs.write")) {
            Files.writeString(PAGE, OperatorTable.markdown());
        }
        assertThat(Files.readString(PAGE))
                .as("docs/operators.md is stale: run this test with -Dmaskstream.docs.write=true")
                .isEqualTo(OperatorTable.markdown());
    }
}
