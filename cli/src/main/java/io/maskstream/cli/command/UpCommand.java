package io.maskstream.cli.command;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.loop.LoopFolders;
import io.maskstream.cli.loop.LoopProcess;
import io.maskstream.cli.stage.Logs;
import io.maskstream.service.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the whole loop for a team on one machine. */
@Command(
        name = "up",
        description = "Run the whole loop for real use by one team on one machine: broker, stages and pages in one"
                + " process, everything kept in one folder.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    @Option(names = "--data", defaultValue = "data", description = "The folder; default ${DEFAULT-VALUE}.")
    private Path data = Path.of("data");

    @Option(
            names = "--kafka-port",
            defaultValue = "9092",
            description = "Port of the broker; default ${DEFAULT-VALUE}.")
    private int kafkaPort;

    @Option(names = "--classes", split = ",", description = "Class names by id, for the first start (trainer.classes).")
    private List<String> classes = List.of();

    @Mixin
    private final StageOptions options = new StageOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Logs.talk();
        Map<String, String> flags = new LinkedHashMap<>(LoopFolders.under(data));
        flags.put("kafka.bootstrap.servers", "127.0.0.1:" + kafkaPort);
        for (int i = 0; i < classes.size(); i++) {
            flags.put("trainer.classes[" + i + "]", classes.get(i).strip());
        }
        LoopSettings settings = options.load(flags);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(asked, ended), "shutdown"));
        try (EmbeddedBroker broker = EmbeddedBroker.start(data.resolve("kafka"), kafkaPort);
                LoopProcess loop = new LoopProcess(settings)) {
            loop.start();
            print(loop, broker);
            while (!asked.await(1, TimeUnit.SECONDS)) {
                loop.requireHealthy();
            }
        } finally {
            ended.countDown();
        }
        return ExitCode.OK.code();
    }

    private void print(LoopProcess loop, EmbeddedBroker broker) {
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the command")
                .commandLine()
                .getOut();
        out.println("The loop     " + loop.url());
        out.println("Label desk   " + loop.url() + "label");
        out.println("Metrics      " + loop.url() + "metrics");
        out.println("Publish      ./maskstream publish -b " + broker.bootstrapServers() + " PHOTOS");
        out.println("Ctrl-C stops it; everything is kept in " + data.toAbsolutePath());
        out.flush();
    }

    private static void stopAndWait(CountDownLatch asked, CountDownLatch ended) {
        asked.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
