package io.maskstream.cli.command;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.service.App;
import io.maskstream.service.AppRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the embedded broker alone, for a closed network where no Kafka is at hand. */
@Command(
        name = "broker",
        description = {
            "Run the embedded Kafka broker alone, for stages in other processes or containers.",
            "It asks nobody who they are: use it in a closed network, and a Kafka cluster elsewhere."
        },
        mixinStandardHelpOptions = true)
public final class BrokerCommand implements Callable<Integer> {
    @Option(names = "--data", paramLabel = "DIR", description = "Where the log lives.", defaultValue = "data/broker")
    private Path data = Path.of("data", "broker");

    @Option(names = "--port", description = "The port to listen on (default ${DEFAULT-VALUE}).", defaultValue = "9092")
    private int port;

    @Option(
            names = "--advertised-host",
            paramLabel = "HOST",
            description = "The name under which others reach this machine; without it only this machine does.")
    private @Nullable String advertisedHost;

    @Override
    public Integer call() {
        return new AppRunner(List.of(new BrokerApp(data, port, advertisedHost)))
                .run()
                .code();
    }

    private static final class BrokerApp implements App {
        private final Path data;
        private final int port;
        private final @Nullable String advertisedHost;
        private @Nullable EmbeddedBroker broker;

        BrokerApp(Path data, int port, @Nullable String advertisedHost) {
            this.data = data;
            this.port = port;
            this.advertisedHost = advertisedHost;
        }

        @Override
        public String name() {
            return "broker";
        }

        @Override
        public void start() {
            broker = advertisedHost == null
                    ? EmbeddedBroker.start(data, port)
                    : EmbeddedBroker.reachable(data, port, advertisedHost);
        }

        @Override
        public boolean isHealthy() {
            return broker != null;
        }

        @Override
        public void close() {
            if (broker != null) {
                broker.close();
            }
        }
    }
}
