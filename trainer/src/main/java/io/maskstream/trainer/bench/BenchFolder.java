package io.maskstream.trainer.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.trainer.data.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where a bench keeps its finished runs, a file each, so that it goes on where it was stopped and grows by methods and seeds. Runs of other
 * settings are refused, since they could not be compared.
 */
public final class BenchFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SETTING = "setting.json";

    private final Path folder;
    private final BenchSetting bench;
    private final String digest;

    private BenchFolder(Path folder, BenchSetting bench, String digest) {
        this.folder = folder;
        this.bench = bench;
        this.digest = digest;
    }

    /**
     * Opens a folder, which may be new.
     *
     * @throws IOException if it cannot be read or written
     * @throws IllegalArgumentException if its runs have other settings, naming them
     */
    public static BenchFolder open(Path folder, BenchSetting bench) throws IOException {
        Files.createDirectories(folder);
        Map<String, String> described = bench.described();
        Path file = folder.resolve(SETTING);
        if (Files.exists(file)) {
            Map<String, String> before = JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, String>>() {});
            List<String> changes = new ArrayList<>();
            described.forEach((key, value) -> {
                String was = before.get(key);
                if (!value.equals(was)) {
                    changes.add(key + " was " + was + " and is now " + value);
                }
            });
            if (!changes.isEmpty()) {
                throw new IllegalArgumentException("the runs in " + folder + " cannot be compared with new ones: "
                        + String.join("; ", changes) + ". Take the old settings, or another folder");
            }
        } else {
            write(file, described);
        }
        String digest = Digests.sha256(described.toString().getBytes(StandardCharsets.UTF_8));
        return new BenchFolder(folder, bench, digest);
    }

    /**
     * Returns every training that these methods and seeds need, seed by seed, so that what there is can be compared early.
     *
     * @param reference which of them is run with all labels too
     */
    public List<MethodTrial> trials(MethodVariant reference, List<MethodVariant> variants, List<Long> seeds) {
        List<MethodTrial> trials = new ArrayList<>();
        for (long seed : seeds) {
            for (MethodVariant variant : variants) {
                trials.add(new MethodTrial(bench, digest, variant.toString(), bench.labels(), seed));
                if (variant.equals(reference)) {
                    trials.add(new MethodTrial(bench, digest, variant.toString(), BenchSetting.ALL, seed));
                }
            }
        }
        return trials;
    }

    /** Returns where the run of a trial is kept. */
    public Path file(MethodTrial trial) {
        return folder.resolve("runs").resolve(trial.fileName());
    }

    /**
     * Returns the finished run of a trial.
     *
     * @throws IllegalArgumentException if it was made by another recipe than the method's of today
     */
    public Optional<MethodRun> find(MethodTrial trial) throws IOException {
        Path file = file(trial);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        MethodRun run = JSON.readValue(file.toFile(), MethodRun.class);
        if (!run.setting().equals(digest) || !run.recipe().equals(trial.recipe())) {
            throw new IllegalArgumentException(file + " was made by another recipe of " + trial.variant()
                    + " than today's; delete it, or add --renew");
        }
        return Optional.of(run);
    }

    /** Deletes the runs of trials whose method has another recipe today, and returns their files. */
    public List<Path> renew(List<MethodTrial> trials) throws IOException {
        List<Path> deleted = new ArrayList<>();
        for (MethodTrial trial : trials) {
            Path file = file(trial);
            if (Files.exists(file)
                    && !JSON.readValue(file.toFile(), MethodRun.class).recipe().equals(trial.recipe())) {
                Files.delete(file);
                deleted.add(file);
            }
        }
        return deleted;
    }

    /** Writes a value as JSON, whole or not at all. */
    public static void write(Path file, Object value) throws IOException {
        Path parent = Files.createDirectories(file.toAbsolutePath().getParent());
        Path part = Files.createTempFile(parent, "part", ".json");
        JSON.writeValue(part.toFile(), value);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
