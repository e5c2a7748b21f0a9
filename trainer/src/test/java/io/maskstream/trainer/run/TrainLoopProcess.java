package io.maskstream.trainer.run;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A train loop in a process of its own, to be killed by a test. */
final class TrainLoopProcess {
    private TrainLoopProcess() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String prefix = arguments[1];
        Path folder = Path.of(arguments[2]);
        TrainLoopConfig config = LoopFixture.config(folder.resolve(prefix + "cache"), "supervised", 60);
        try (TrainLoop loop = new TrainLoop(
                config,
                KafkaConnection.to(arguments[0]),
                new Topics(prefix),
                new FileContentStore(folder.resolve(prefix + "store")),
                new SimpleMeterRegistry())) {
            loop.start();
            new CountDownLatch(1).await();
        }
    }
}
