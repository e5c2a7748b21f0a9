package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferenceBenchIT {
    @TempDir
    private Path dir;

    @Test
    void comparesTheStageWithBothLoops_andLeavesNoTopicsBehind() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary();
                InferenceStage stage = new InferenceStage(broker.bootstrapServers(), dir)) {
            Random random = new Random(1);
            List<byte[]> images = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                images.add(InferenceStage.picture(random));
            }
            InferenceBench bench = new InferenceBench(stage.config(""), stage.connection);

            List<InferenceBench.Run> runs = bench.run(stage.model("b1", 1), images, 1, dir.resolve("work"));

            assertThat(runs).hasSize(2).allSatisfy(run -> {
                assertThat(run.ours()).isPositive();
                assertThat(run.reference()).isPositive();
                assertThat(run.ratio()).isEqualTo(run.ours() / run.reference());
            });
            try (Admin admin = Admin.create(stage.connection.with(Map.of()))) {
                assertThat(admin.listTopics().names().get()).noneMatch(topic -> topic.startsWith("bench-"));
            }
        }
    }
}
