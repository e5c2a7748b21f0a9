package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Prediction;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferenceKillIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int KILLS = 1;
    private static final int IMAGES = 200;

    @TempDir
    private Path dir;

    @Test
    void countsEachImageOnce_whenTheProcessIsKilledAtWork() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary();
                InferenceStage stage = new InferenceStage(broker.bootstrapServers(), dir)) {
            stage.release("v1", 1, 1);
            int published = 0;
            Process process = InferenceProcess.start(stage, dir.resolve("process.log"));
            try {
                for (int kill = 1; kill <= KILLS; kill++) {
                    int before = published;
                    published += (int) stage.publish(IMAGES, kill).published();
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(20))
                            .until(() -> stage.predictions().size() > before);
                    assertThat(process.destroyForcibly().waitFor()).isNotZero();
                    assertThat(stage.predictions().size())
                            .as("it was killed amid its work")
                            .isLessThan(published);
                    process = InferenceProcess.start(stage, dir.resolve("process.log"));
                }
                int all = published;
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(stage.predictions()).hasSize(all));
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertThat(stage.predictions().stream().map(Prediction::getImageId)).doesNotHaveDuplicates();
            assertThat(stage.deadLetters()).isEmpty();
        }
    }
}
