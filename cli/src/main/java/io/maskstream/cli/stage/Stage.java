package io.maskstream.cli.stage;

import io.maskstream.cli.LoopSettings;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.maskstream.service.AppRunner;
import io.maskstream.service.Authenticator;
import io.maskstream.service.ExitCode;
import io.maskstream.service.HttpServer;
import io.maskstream.service.ProcessMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What every stage that runs by itself needs: its settings, the cluster, the store, its figures and an HTTP server with
 * {@code /health} and {@code /metrics}.
 *
 * @param settings all sections
 * @param connection to the cluster
 * @param topics the catalogue
 * @param store of large images and models
 * @param metrics figures of the process
 * @param server not started yet
 */
public record Stage(
        LoopSettings settings,
        KafkaConnection connection,
        Topics topics,
        ContentStore store,
        ProcessMetrics metrics,
        HttpServer server) {

    /** Makes the app of a stage, and adds its routes to the server if it has any. */
    public interface Maker {
        /** Returns the apps, downstream first. */
        List<App> make(Stage stage) throws IOException;
    }

    /** Runs a stage until a signal comes or it fails. */
    public static ExitCode run(LoopSettings settings, Maker maker) throws IOException {
        Logs.talk();
        try (ProcessMetrics metrics = new ProcessMetrics()) {
            Stage stage = new Stage(
                    settings,
                    settings.connection(),
                    settings.catalogue(),
                    settings.contentStore(),
                    metrics,
                    new HttpServer(settings.http(), Authenticator.of(settings.http())).metrics(metrics));
            List<App> apps = new ArrayList<>();
            apps.add(new ServerApp(stage.server));
            apps.addAll(maker.make(stage));
            apps.forEach(app -> stage.server.health(app.name(), app::isHealthy));
            return new AppRunner(apps).run();
        }
    }

    /** The server as an app: the first to start and the last to close. */
    private record ServerApp(HttpServer server) implements App {
        @Override
        public String name() {
            return "http";
        }

        @Override
        public void start() {
            server.start();
        }

        @Override
        public boolean isHealthy() {
            return true;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
