package io.maskstream.inference;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The inference stage in a process of its own, to be killed. */
public final class InferenceProcess {
    private InferenceProcess() {}

    /** Takes brokers, prefix of the topics, and the store's folder. */
    public static void main(String[] arguments) throws Exception {
        Topics topics = new Topics(arguments[1]);
        InferenceApp app = new InferenceApp(
                InferenceStage.config(topics, "killed"),
                KafkaConnection.to(arguments[0]),
                topics,
                new FileContentStore(Path.of(arguments[2])),
                new SimpleMeterRegistry());
        app.start();
    }

    static Process start(InferenceStage stage, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + log.getParent(), // a killed process leaves its native libraries there
                        InferenceProcess.class.getName(),
                        stage.connection.bootstrapServers(),
                        stage.topics.prefix(),
                        stage.storeDir().toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }
}
