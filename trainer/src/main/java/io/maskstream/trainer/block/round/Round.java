package io.maskstream.trainer.block.round;

import io.maskstream.trainer.block.pool.ClassCalibration;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.pool.StoredLabel;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** What a plan knows of the round under way, and how it looks at images between stages. */
public interface Round {
    /**
     * A stage that is over.
     *
     * @param name of the stage and of its snapshot
     * @param share of the round's steps
     * @param score mean intersection over union on the annotated images that the stage named for it
     */
    record Finished(String name, double share, OptionalDouble score) {
        /** Returns the score of a stage that has one. */
        public double requireScore() {
            return score.orElseThrow(() -> new IllegalStateException("stage " + name + " was not scored"));
        }
    }

    /** Is shown probabilities of one image, which belong to the pointer scope of the call. */
    @FunctionalInterface
    interface Onlooker {
        /**
         * Called once an image.
         *
         * @param image index among the images looked at
         * @param probabilities {@code [1, C, H, W]}
         */
        void saw(int image, Tensor probabilities);
    }

    /** Returns the finished stages, in order. */
    List<Finished> finished();

    /** Returns the names of the networks there are: {@link Stage#ROUND}, finished stages and marks, and what was kept before. */
    Set<String> snapshots();

    /** Returns the seed of this round. */
    long seed();

    /** Returns how many classes there are. */
    int classes();

    /** Returns the annotated images. */
    Examples annotated();

    /** Returns the images without annotation; in the stream, those with a mask bring the pseudo-label of the version that routed them. */
    Examples pool();

    /**
     * Looks at images with a snapshot, one by one, in evaluation mode and without gradient.
     *
     * @param indices of the images, in the order in which they are shown
     */
    void look(String snapshot, Examples images, List<Integer> indices, Looking how, Onlooker onlooker);

    /**
     * Returns labels made earlier in this round under a name, or makes them. They are kept in memory only, so the maker has to give the same
     * again after a stop; what is not asked for between two stages is forgotten.
     */
    PoolLabels remembered(String name, Supplier<PoolLabels> maker);

    /** Returns the name of the snapshot that the last round kept under a name. */
    static String before(String name) {
        return "before/" + name;
    }

    /** Returns the snapshot of the last finished stage, or that with which the round began. */
    default String last() {
        List<Finished> finished = finished();
        return finished.isEmpty()
                ? Stage.ROUND
                : finished.get(finished.size() - 1).name();
    }

    /** Returns a finished stage. */
    default Finished finished(String name) {
        return finished().stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no stage " + name + " is finished"));
    }

    /** Returns labels of some images of the pool by a snapshot. */
    default PoolLabels label(String snapshot, List<Integer> images, Looking how) {
        SortedMap<Integer, StoredLabel> labels = new TreeMap<>();
        look(snapshot, pool(), images, how, (image, probabilities) -> labels.put(image, StoredLabel.of(probabilities)));
        return new PoolLabels(labels);
    }

    /** Returns these labels of the pool, and a snapshot's of all images that have none among them. */
    default PoolLabels completed(PoolLabels labels, String snapshot, Looking how) {
        List<Integer> rest = IntStream.range(0, pool().size())
                .filter(image -> !labels.byImage().containsKey(image))
                .boxed()
                .toList();
        return labels.and(label(snapshot, rest, how));
    }

    /**
     * Returns the labels that came with images of the pool.
     *
     * @param sure confidence that they are given, since only their classes are known
     */
    default PoolLabels brought(double sure) {
        SortedMap<Integer, StoredLabel> labels = new TreeMap<>();
        for (int image = 0; image < pool().size(); image++) {
            Example example = pool().get(image);
            if (example.mask() != null) {
                labels.put(image, StoredLabel.of(example.requireMask(), sure));
            }
        }
        return new PoolLabels(labels);
    }

    /**
     * Measures class by class how right a snapshot is on annotated images.
     *
     * @param images indices of annotated images, which it should not have learned
     * @param least first threshold of confidence that is tried
     * @param most last one
     */
    default ClassCalibration calibration(String snapshot, List<Integer> images, double least, double most) {
        ClassCalibration calibration = new ClassCalibration(classes(), least, most);
        look(
                snapshot,
                annotated(),
                images,
                Looking.PLAIN,
                (image, probabilities) -> calibration.count(
                        StoredLabel.of(probabilities), annotated().get(image).requireMask()));
        return calibration;
    }

    /** Returns labels of the whole pool by a snapshot. */
    default PoolLabels label(String snapshot, Looking how) {
        return label(snapshot, IntStream.range(0, pool().size()).boxed().toList(), how);
    }
}
