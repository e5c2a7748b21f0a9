package io.maskstream.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A round that was planned: what a trainer that was killed needs, beside the checkpoint, to go on with it.
 *
 * <p>The samples are named by the offsets before which all records count; the topic keeps them for ever, so reading it again gives the
 * same set, which {@code dataHash} proves.
 *
 * @param round number of the round in the line
 * @param version name of the candidate; the same plan gives the same name, so a round is never released twice
 * @param parent version it starts from
 * @param offsets partition to the offset after the last record that counts
 * @param dataHash of the samples learned from
 */
record RoundState(int round, String version, String parent, Map<Integer, Long> offsets, String dataHash) {
    private static final Logger LOG = LoggerFactory.getLogger(RoundState.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HASH_CHARACTERS = 8;

    RoundState {
        offsets = new TreeMap<>(offsets);
    }

    @Override
    public Map<Integer, Long> offsets() {
        return Map.copyOf(offsets);
    }

    /** Plans a round; the version's name comes from the line, the round and a digest of all that decides the weights. */
    static RoundState plan(
            TrainLoopConfig config, int round, String parent, Map<Integer, Long> offsets, String dataHash) {
        String decides = String.join(
                "|",
                parent,
                dataHash,
                config.method(),
                Integer.toString(config.iterationsPerRound()),
                Integer.toString(config.batch()),
                Double.toString(config.learningRate()),
                Double.toString(config.warmLearningRate()),
                Double.toString(config.headLearningRate()),
                Double.toString(config.gradientClip()),
                config.precision(),
                new TreeMap<>(config.options()).toString(),
                config.width() + "x" + config.height(),
                Long.toString(config.seed()),
                new TreeMap<>(offsets).toString());
        MessageDigest digest = SampleDecoder.sha256();
        digest.update(decides.getBytes(StandardCharsets.UTF_8));
        String version = String.format(
                Locale.ROOT,
                "%s-r%04d-%s",
                config.line(),
                round,
                SampleDecoder.hex(digest).substring(0, HASH_CHARACTERS));
        return new RoundState(round, version, parent, offsets, dataHash);
    }

    /** Writes the plan; a file of that name is replaced at once or not at all. */
    void write(Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, JSON.writeValueAsBytes(this));
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Reads a plan; nothing if there is none or it is not whole. */
    static Optional<RoundState> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), RoundState.class));
        } catch (JsonProcessingException e) {
            LOG.warn("{} holds no plan of a round and is left aside: {}", file, e.getOriginalMessage());
            return Optional.empty();
        }
    }
}
