package io.maskstream.trainer.run;

import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Split;
import io.maskstream.trainer.data.ClassBalancedReservoir;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every image, as the samples told it one after the other.
 *
 * <p>A later sample of an image replaces an earlier one, except that a pseudo-label never replaces an annotation. The split of an
 * image is that of its first sample and holds for all images of the same bytes, whatever later samples say; so what a model is judged on
 * was never learned from, by any model before or after. Safe for use by several threads.
 */
final class SamplePool {
    private final Map<String, Entry> byImage = new TreeMap<>();
    private final Map<String, Split> splits = new HashMap<>();
    private final Map<Integer, Long> offsets = new TreeMap<>();

    /**
     * A sample that can be used.
     *
     * @param imageId of the image
     * @param content digest of the image's bytes
     * @param origin who gave the mask
     * @param split what the sample asks for
     * @param key of the example in the cache
     * @param maskDigest of the mask as it was sent
     * @param pixels of each class, at the training size
     * @param partition where it was read
     * @param offset where it was read
     * @param readAt when it came to this trainer
     */
    record Entry(
            String imageId,
            String content,
            Origin origin,
            Split split,
            String key,
            String maskDigest,
            List<Long> pixels,
            int partition,
            long offset,
            Instant readAt) {}

    /**
     * What a round learns from and is judged on.
     *
     * @param labelled annotations for training, by image id
     * @param unlabelled the reservoir of pseudo-labelled images
     * @param evaluation annotations of the evaluation split, by image id
     * @param offsets partition to the offset after the last record that was read
     * @param dataHash SHA-256 over ids, origins and masks of {@code labelled} and {@code unlabelled}
     */
    record Selection(
            List<Entry> labelled,
            List<Entry> unlabelled,
            List<Entry> evaluation,
            Map<Integer, Long> offsets,
            String dataHash) {}

    /** Takes a record: the sample in it, or null where it had none that can be used. */
    synchronized void take(int partition, long offset, @Nullable Entry entry) {
        offsets.merge(partition, offset + 1, Math::max);
        if (entry == null) {
            return;
        }
        splits.putIfAbsent(entry.content(), entry.split());
        Entry before = byImage.get(entry.imageId());
        if (before == null || entry.origin() == Origin.HUMAN || before.origin() == Origin.PSEUDO) {
            byImage.put(entry.imageId(), entry);
        }
    }

    /** Returns the offsets after the last records that were taken. */
    synchronized Map<Integer, Long> offsets() {
        return Map.copyOf(offsets);
    }

    /** Chooses what a round uses; a function of the records taken, the capacity and the seed. */
    synchronized Selection select(boolean withUnlabelled, int reservoir, long seed) {
        List<Entry> labelled = inSplit(Split.TRAIN, Origin.HUMAN);
        Set<String> annotated = new HashSet<>();
        labelled.forEach(entry -> annotated.add(entry.content()));
        Map<String, Entry> candidates = new HashMap<>();
        if (withUnlabelled) {
            for (Entry entry : inSplit(Split.TRAIN, Origin.PSEUDO)) {
                if (!annotated.contains(entry.content())) {
                    candidates.put(entry.imageId(), entry);
                }
            }
        }
        List<Entry> unlabelled = ClassBalancedReservoir.choose(
                        candidates.values().stream()
                                .map(entry -> new ClassBalancedReservoir.Candidate(entry.imageId(), entry.pixels()))
                                .toList(),
                        reservoir,
                        seed)
                .stream()
                .map(id -> byImage.get(id))
                .sorted(Comparator.comparing(Entry::imageId))
                .toList();
        return new Selection(
                labelled,
                unlabelled,
                inSplit(Split.EVALUATION, Origin.HUMAN),
                Map.copyOf(offsets),
                hash(labelled, unlabelled));
    }

    private List<Entry> inSplit(Split split, Origin origin) {
        return byImage.values().stream()
                .filter(entry -> entry.origin() == origin && splits.get(entry.content()) == split)
                .toList();
    }

    /** Returns how many images are known of an origin in a split. */
    synchronized int count(Split split, Origin origin) {
        return inSplit(split, origin).size();
    }

    /** Returns the annotations for training that lie at or after some offsets, oldest first. */
    synchronized List<Entry> annotationsSince(Map<Integer, Long> learned) {
        return inSplit(Split.TRAIN, Origin.HUMAN).stream()
                .filter(entry -> entry.offset() >= learned.getOrDefault(entry.partition(), 0L))
                .sorted(Comparator.comparing(Entry::readAt))
                .toList();
    }

    /** Returns the cache keys of all that is known. */
    synchronized Set<String> keys() {
        Set<String> keys = new HashSet<>();
        byImage.values().forEach(entry -> keys.add(entry.key()));
        return keys;
    }

    private static String hash(Collection<Entry> labelled, Collection<Entry> unlabelled) {
        MessageDigest digest = SampleDecoder.sha256();
        for (Entry entry : labelled) {
            update(digest, entry);
        }
        for (Entry entry : unlabelled) {
            update(digest, entry);
        }
        return SampleDecoder.hex(digest);
    }

    private static void update(MessageDigest digest, Entry entry) {
        String line = entry.imageId() + "|" + entry.origin() + "|" + entry.content() + "|" + entry.maskDigest() + "\n";
        digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
}
