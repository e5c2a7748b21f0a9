package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.cli.Progress;
import io.maskstream.ingest.ImageFiles;
import io.maskstream.ingest.NewImage;
import io.maskstream.ingest.PublishReport;
import io.maskstream.ingest.Publisher;
import io.maskstream.ingest.SeedPublisher;
import io.maskstream.schemas.event.Split;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.service.ExitCode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts images on the ingest topic. */
@Command(
        name = "publish",
        description = "Publish image files, folders, globs or data sets; the same bytes are published once.",
        mixinStandardHelpOptions = true)
public final class PublishCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files, folders, globs, or folders of data sets.")
    private List<String> paths = List.of();

    @Option(names = "--source", description = "What the images get as their source; default the data set, or files.")
    private @Nullable String source;

    @Option(names = "--rate", defaultValue = "0", description = "Images a second at most; 0 sets no limit.")
    private double rate;

    @Option(names = "--split", defaultValue = "train", description = "Which split of a data set; default train.")
    private String split = "train";

    @Option(names = "--as-seed", description = "Send a data set's images with their masks straight to training.")
    private boolean asSeed;

    @Option(
            names = "--as-evaluation",
            description = "Send a data set's images with their masks to the evaluation split.")
    private boolean asEvaluation;

    @Mixin
    private final LoopOptions options = new LoopOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        if (asSeed && asEvaluation) {
            throw new IllegalArgumentException("an image is either learned from or evaluated on: choose one of"
                    + " --as-seed and --as-evaluation");
        }
        LoopSettings settings = options.load();
        TopicsCommand.connect(settings).close();
        PublishReport report = asSeed || asEvaluation ? sendLabelled(settings) : publish(settings);
        output.show(report, out -> print(report, out));
        return (report.rejected().isEmpty() ? ExitCode.OK : ExitCode.FAILED).code();
    }

    private PublishReport publish(LoopSettings settings) throws IOException, InterruptedException {
        List<NewImage> images = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        for (String path : paths) {
            if (isDataset(path)) {
                Dataset dataset = Datasets.open(Path.of(path));
                String name = source == null ? dataset.name() : source;
                dataset.items(split).forEach(item -> images.add(NewImage.inFile(item.image(), name)));
            } else {
                plain.add(path);
            }
        }
        if (!plain.isEmpty()) {
            String name = source == null ? "files" : source;
            ImageFiles.find(plain).forEach(file -> images.add(NewImage.inFile(file, name)));
        }
        try (Publisher publisher = new Publisher(
                        settings.ingest(),
                        settings.connection(),
                        settings.catalogue(),
                        settings.contentStore(),
                        new SimpleMeterRegistry());
                Progress progress = new Progress("publish", images.size())) {
            return publisher.publish(
                    images.iterator(), images.size(), rate, (done, total, name) -> progress.at(done, ""));
        }
    }

    private PublishReport sendLabelled(LoopSettings settings) throws IOException {
        long published = 0;
        long duplicates = 0;
        List<PublishReport.Rejection> rejected = new ArrayList<>();
        try (SeedPublisher seeds = new SeedPublisher(
                settings.ingest(),
                settings.connection(),
                settings.catalogue(),
                settings.contentStore(),
                new SimpleMeterRegistry())) {
            for (String path : paths) {
                if (!isDataset(path)) {
                    throw new IllegalArgumentException(
                            path + " is no data set, and only a data set has masks; its layout is"
                                    + " JPEGImages, SegmentationClass, ImageSets/Segmentation and classes.txt");
                }
                Dataset dataset = Datasets.open(Path.of(path));
                String name = source == null ? dataset.name() : source;
                List<DatasetItem> items = dataset.items(split).stream()
                        .filter(DatasetItem::isLabelled)
                        .toList();
                try (Progress progress = new Progress("publish", items.size())) {
                    for (DatasetItem item : items) {
                        PublishReport one = seeds.publish(
                                NewImage.inFile(item.image(), name),
                                item.readMask(dataset.classes()),
                                asSeed ? Split.TRAIN : Split.EVALUATION);
                        published += one.published();
                        duplicates += one.duplicates();
                        rejected.addAll(one.rejected());
                        progress.at(published + duplicates + rejected.size(), "");
                    }
                }
            }
        }
        return new PublishReport(published, duplicates, rejected);
    }

    private static boolean isDataset(String path) {
        boolean glob = Set.of("*", "?", "[", "{").stream().anyMatch(path::contains);
        return !glob && Datasets.isDataset(Path.of(path));
    }

    private static void print(PublishReport report, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%d published, %d known already, %d refused%n",
                report.published(),
                report.duplicates(),
                report.rejected().size());
        report.rejected().forEach(one -> out.println("refused " + one.file() + ": " + one.cause()));
    }
}
