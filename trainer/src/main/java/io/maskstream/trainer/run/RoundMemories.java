package io.maskstream.trainer.run;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memories of a model line's versions, in a folder beside the loop's state. One is kept: that of the version from which the next round
 * starts. Optimisers are not remembered, since the learning rate starts again in every round.
 */
final class RoundMemories {
    private static final Logger LOG = LoggerFactory.getLogger(RoundMemories.class);
    private static final String SUFFIX = ".memory";

    private final Path folder;
    private final String identity;

    /**
     * @param folder created when there is something to keep
     */
    RoundMemories(Path folder, TrainLoopConfig config) {
        this.folder = folder;
        this.identity = config.method() + " " + new TreeMap<>(config.options());
    }

    private RoundMemory of(String version) {
        return new RoundMemory(folder.resolve(version + SUFFIX), identity);
    }

    /** Lets a training go on from what the round left that made its parent. */
    void takeUp(RecipeTraining training, ModelRelease parent) {
        RoundMemory memory = of(parent.getVersion());
        if (Files.exists(memory.file())) {
            training.takeUp(memory);
        } else if (parent.getRound() > 0) {
            LOG.info("version {} left nothing here to go on from but its weights", parent.getVersion());
        }
    }

    /** Keeps what a training leaves, under the name of the version that it made. */
    void remember(RecipeTraining training, String version) throws IOException {
        Files.createDirectories(folder);
        training.remember(of(version));
    }

    /** Deletes all but the memory from which the next round starts: the version's if it serves, else its parent's. */
    void settle(ModelRelease release) throws IOException {
        String parent = release.getParent();
        String kept = release.getStatus() == ModelStatus.REJECTED && parent != null ? parent : release.getVersion();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (!file.getFileName().toString().equals(kept + SUFFIX)) {
                        Files.delete(file);
                    }
                }
            }
        }
    }
}
