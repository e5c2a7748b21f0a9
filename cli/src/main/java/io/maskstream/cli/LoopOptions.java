package io.maskstream.cli;

import io.maskstream.service.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that talks to a cluster: where the settings come from. */
public final class LoopOptions {
    private static final Path DEFAULT_FILE = Path.of("maskstream.yaml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Settings as YAML; ./maskstream.yaml is read if it is there.")
    private @Nullable Path config;

    @Option(
            names = {"-b", "--bootstrap-servers"},
            paramLabel = "HOST:PORT",
            description = "The Kafka cluster (kafka.bootstrap.servers).")
    private @Nullable String bootstrapServers;

    @Option(names = "--prefix", description = "Put before every topic's name (topics.prefix).")
    private @Nullable String prefix;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any setting, such as inference.batch-size=4; stronger than file and environment.")
    private Map<String, String> set = new LinkedHashMap<>();

    /** Returns the settings with flags of the command itself on top. */
    public LoopSettings load(Map<String, String> more) {
        Map<String, String> flags = new LinkedHashMap<>(set);
        if (bootstrapServers != null) {
            flags.put("kafka.bootstrap.servers", bootstrapServers);
        }
        if (prefix != null) {
            flags.put("topics.prefix", prefix);
        }
        flags.putAll(more);
        Path file = config == null && Files.isRegularFile(DEFAULT_FILE) ? DEFAULT_FILE : config;
        return LoopSettings.bind(Settings.load(file, System.getenv(), flags));
    }

    /** Returns the settings. */
    public LoopSettings load() {
        return load(Map.of());
    }
}
