package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that runs a stage. */
public final class StageOptions {
    @Mixin
    private final LoopOptions loop = new LoopOptions();

    @Option(names = "--port", description = "Port of /health, /metrics and the pages (http.port).")
    private @Nullable Integer port;

    @Option(names = "--line", description = "The model line.")
    private @Nullable String line;

    /** Returns the settings with more on top. */
    LoopSettings load(Map<String, String> more) {
        Map<String, String> flags = new LinkedHashMap<>(more);
        if (port != null) {
            flags.put("http.port", port.toString());
        }
        if (line != null) {
            for (String section : new String[] {"inference", "routing", "quality", "trainer"}) {
                flags.put(section + ".line", line);
            }
        }
        return loop.load(flags);
    }

    /** Returns the settings. */
    LoopSettings load() {
        return load(Map.of());
    }
}
