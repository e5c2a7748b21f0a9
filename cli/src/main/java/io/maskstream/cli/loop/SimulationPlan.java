package io.maskstream.cli.loop;

import io.maskstream.cli.ImageSize;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.trainer.data.LabelChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What a simulation runs.
 *
 * @param name of the data set
 * @param initial labelled images of round 1
 * @param stream the other images of the train split, in the order in which they arrive
 * @param evaluation the val split
 * @param budget labels in the end, the initial ones among them
 * @param rounds of learning
 * @param method of learning
 * @param selection how labels are chosen
 * @param seed of the initial labels, the order of the stream and the training
 * @param model name of the starting model, or path of an ONNX file with the data set's classes
 * @param size of the model's input
 * @param set settings over those of the simulation
 */
public record SimulationPlan(
        String name,
        DatasetFeed initial,
        DatasetFeed stream,
        DatasetFeed evaluation,
        int budget,
        int rounds,
        String method,
        Selection selection,
        long seed,
        String model,
        ImageSize size,
        Map<String, String> set) {
    public SimulationPlan {
        set = Map.copyOf(set);
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds must be at least 1, not " + rounds);
        }
        if (budget < initial.size() || budget > initial.size() + stream.size()) {
            throw new IllegalArgumentException("--budget must be between --initial and all "
                    + (initial.size() + stream.size()) + " images, not " + budget);
        }
        if (rounds == 1 && budget != initial.size()) {
            throw new IllegalArgumentException(
                    "one round learns from the initial labels alone; --budget must be --initial");
        }
    }

    /** Opens a data set and draws the initial labels and the order of the stream. */
    public static SimulationPlan of(
            Path folder,
            int initial,
            int budget,
            int rounds,
            String method,
            Selection selection,
            long seed,
            String model,
            ImageSize size,
            Map<String, String> set)
            throws IOException {
        Dataset dataset = Datasets.open(folder);
        List<DatasetItem> train =
                dataset.items("train").stream().filter(DatasetItem::isLabelled).toList();
        Set<String> first = new LabelChoice.Count(initial)
                .choose(train.stream().map(DatasetItem::id).toList(), seed);
        List<DatasetItem> others = new ArrayList<>(
                train.stream().filter(item -> !first.contains(item.id())).toList());
        Collections.shuffle(others, new Random(seed)); // a street filmed in order would make every wave another street
        return new SimulationPlan(
                dataset.name(),
                new DatasetFeed(
                        dataset,
                        train.stream().filter(item -> first.contains(item.id())).toList()),
                new DatasetFeed(dataset, others),
                new DatasetFeed(
                        dataset,
                        dataset.items("val").stream()
                                .filter(DatasetItem::isLabelled)
                                .toList()),
                budget,
                rounds,
                method,
                selection,
                seed,
                model,
                size,
                set);
    }

    /** Returns how many labels there are when a round starts: the budget grows by equal parts. */
    int labelsAfter(int round) {
        if (rounds == 1) {
            return initial.size();
        }
        return initial.size() + (int) ((long) (budget - initial.size()) * (round - 1) / (rounds - 1));
    }
}
