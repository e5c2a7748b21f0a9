package io.maskstream.cli.loop;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.LoopSettings;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.service.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a demo shows: which images, at which pace, under which settings.
 *
 * @param source name of the images
 * @param feed the images and their right masks
 * @param evaluation labelled images for the evaluation split; null draws it from the stream
 * @param size of the model's input
 * @param rounds of learning before the demo may end
 * @param port of the pages, 0 for any free one
 * @param perSecond images a second
 * @param answerTime of the automatic annotator, for each mask
 * @param set settings over those of the demo
 */
public record DemoPlan(
        String source,
        ImageFeed feed,
        @Nullable DatasetFeed evaluation,
        ImageSize size,
        int rounds,
        int port,
        double perSecond,
        Duration answerTime,
        Map<String, String> set) {
    /** Scenes in the demo without a data set. */
    public static final int SCENES = 360;

    // So slow that a round of learning ends while images still arrive; the rounds on photographs take longer.
    private static final double SCENES_PER_SECOND = 2.0;
    private static final double PHOTOS_PER_SECOND = 1.2;
    private static final Duration ANSWER = Duration.ofMillis(150);
    private static final long SCENE_SEED = 2026;

    /** Returns the demo on generated street scenes, twice the size of the model's input. */
    public static DemoPlan onScenes(ImageSize size, int rounds, int port, Map<String, String> set) {
        StreetScenes scenes = new StreetScenes(SCENE_SEED, 2 * size.height(), 2 * size.width());
        return new DemoPlan(
                "generated street scenes",
                new SceneFeed(scenes, SCENES),
                null,
                size,
                rounds,
                port,
                SCENES_PER_SECOND,
                ANSWER,
                set);
    }

    /**
     * Returns the demo on a data set: its train split is the stream, its val split the evaluation split.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it lacks one of the splits
     */
    public static DemoPlan onDataset(Path folder, ImageSize size, int rounds, int port, Map<String, String> set)
            throws IOException {
        Dataset dataset = Datasets.open(folder);
        return new DemoPlan(
                dataset.name(),
                new DatasetFeed(dataset, labelled(dataset, "train")),
                new DatasetFeed(dataset, labelled(dataset, "val")),
                size,
                rounds,
                port,
                PHOTOS_PER_SECOND,
                ANSWER,
                set);
    }

    private static List<DatasetItem> labelled(Dataset dataset, String split) {
        List<DatasetItem> items =
                dataset.items(split).stream().filter(DatasetItem::isLabelled).toList();
        if (items.isEmpty()) {
            throw new IllegalArgumentException(
                    "the split " + split + " of " + dataset.name() + " has no masks, and the annotator needs them");
        }
        return items;
    }

    /**
     * Returns the settings of all stages.
     *
     * @param bootstrapServers of the demo's own broker
     * @param dir a folder for everything that the stages keep
     */
    LoopSettings settings(String bootstrapServers, Path dir) {
        Map<String, String> flags = new LinkedHashMap<>(LoopFolders.under(dir));
        flags.put("kafka.bootstrap.servers", bootstrapServers);
        flags.put("topics.partitions", "2");
        flags.put("http.port", Integer.toString(port));
        flags.put("routing.score", "regions");
        flags.put("routing.thresholds", "quantile");
        flags.put("routing.learn-at-most", "0.5");
        flags.put("routing.ask-at-least", "0.75");
        flags.put("routing.audit-share", "0.05");
        flags.put("routing.random-arm-share", "0.05");
        flags.put("routing.evaluation-share", evaluation == null ? "0.18" : "0");
        flags.put("routing.cold-start-share", evaluation == null ? "0.5" : "0.35");
        flags.put("routing.tasks-per-hour", "3600");
        flags.put("routing.burst", "40");
        // Two processors are shared by everything: one thread predicts while two learn.
        flags.put("inference.threads", "1");
        flags.put("inference.batch-size", "4");
        flags.put("trainer.threads", "2");
        flags.putAll(classes(feed.classes()));
        flags.put("trainer.width", Integer.toString(size.width()));
        flags.put("trainer.height", Integer.toString(size.height()));
        flags.put("trainer.method", "supervised");
        flags.put("trainer.iterations-per-round", evaluation == null ? "180" : "350");
        flags.put("trainer.trigger-annotations", "40");
        flags.put("trainer.min-evaluation", "10");
        flags.put("trainer.cooldown", "1s");
        flags.putAll(set);
        return LoopSettings.bind(Settings.of(flags));
    }

    /** Returns the trainer's classes and palette as settings, an item a key, since a name may hold a comma. */
    static Map<String, String> classes(ClassList classes) {
        Map<String, String> flags = new LinkedHashMap<>();
        for (int i = 0; i < classes.size(); i++) {
            flags.put("trainer.classes[" + i + "]", classes.name(i));
            flags.put("trainer.palette[" + i + "]", Integer.toString(classes.colour(i) & 0xffffff));
        }
        return flags;
    }
}
