package io.maskstream.cli.loop;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the stages of one process keep what they keep, all under one folder. */
public final class LoopFolders {
    private LoopFolders() {}

    /** Returns the settings that name the folders. */
    public static Map<String, String> under(Path dir) {
        Map<String, String> flags = new LinkedHashMap<>();
        flags.put("store.dir", dir.resolve("store").toString());
        flags.put("ingest.state-dir", dir.resolve("ingest").toString());
        flags.put("routing.state-dir", dir.resolve("streams").toString());
        flags.put("labeling.state-dir", dir.resolve("streams").toString());
        flags.put("quality.state-dir", dir.resolve("streams").toString());
        flags.put("trainer.cache-dir", dir.resolve("trainer").toString());
        return flags;
    }
}
