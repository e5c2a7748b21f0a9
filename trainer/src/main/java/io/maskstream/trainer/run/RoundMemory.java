package io.maskstream.trainer.run;

import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.libtorch.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a round leaves to the next in a file: members, banks and age of its last stage, and the snapshots that its plan keeps.
 *
 * <p>A memory that is missing, damaged or of other settings does no harm: it is logged, and the round starts new.
 *
 * @param file where it is
 * @param identity of the method and its options; a memory of another is not taken up
 */
record RoundMemory(Path file, String identity) {
    private static final Logger LOG = LoggerFactory.getLogger(RoundMemory.class);
    private static final String IDENTITY = "identity";
    private static final String STAGE = "stage";

    /** Writes what is left. */
    void write(String stage, @Nullable StageRun run, Snapshots snapshots, Set<String> kept) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> memory = new LinkedHashMap<>();
            memory.put(IDENTITY, RoundSoFar.text(identity));
            memory.put(STAGE, RoundSoFar.text(stage));
            if (run != null) {
                run.remember(memory);
            }
            snapshots.save(kept, memory);
            Checkpoint.write(file, memory);
        }
    }

    /** Adds the snapshots that are kept, under the names of {@link Round#before}. */
    void giveSnapshots(Snapshots snapshots) {
        Set<String> before = snapshots.names();
        try (PointerScope scope = new PointerScope()) {
            snapshots.add(read(snapshots.start().device()), Round::before);
        } catch (IOException | IllegalArgumentException e) {
            snapshots.retain(before);
            LOG.warn("the round before left nothing to go on from: {}", e.getMessage());
        }
    }

    /** Lets a stage go on from the last stage of the round before, if that was of the same name. */
    void giveMembers(String stage, StageRun run) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> memory = read(run.exported().device());
            if (RoundSoFar.text(memory, STAGE).equals(stage)) {
                run.takeUp(memory);
                LOG.info("stage {} goes on from the round before", stage);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("stage {} starts new, it cannot go on from the round before: {}", stage, e.getMessage());
        }
    }

    private Map<String, Tensor> read(Device device) throws IOException {
        Map<String, Tensor> memory = Checkpoint.read(file, device);
        String found = RoundSoFar.text(memory, IDENTITY);
        if (!found.equals(identity)) {
            throw new IllegalArgumentException(file + " is of " + found + ", not of " + identity);
        }
        return memory;
    }
}
