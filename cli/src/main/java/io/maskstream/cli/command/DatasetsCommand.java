package io.maskstream.cli.command;

import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetCheck;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.service.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists and checks data sets. */
@Command(name = "datasets", description = "List or check data sets on disk.", mixinStandardHelpOptions = true)
public final class DatasetsCommand {

    @Command(name = "list", description = "List the data sets in a folder.", mixinStandardHelpOptions = true)
    int list(@Mixin Output output, @Parameters(paramLabel = "FOLDER", defaultValue = ".") Path folder)
            throws Exception {
        List<Path> folders;
        try (Stream<Path> below = Files.list(folder)) {
            folders = below.filter(Datasets::isDataset).sorted().toList();
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        Table table = new Table("data set", "classes", "images", "splits");
        for (Path one : folders) {
            Dataset dataset = Datasets.open(one);
            Map<String, Object> splits = new LinkedHashMap<>();
            dataset.splits()
                    .forEach(split -> splits.put(split, dataset.items(split).size()));
            int images = dataset.splits().stream()
                    .mapToInt(split -> dataset.items(split).size())
                    .sum();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", dataset.name());
            row.put("classes", dataset.classes().names());
            row.put("splits", splits);
            rows.add(row);
            table.row(dataset.name(), dataset.classes().size(), images, splits);
        }
        output.show(rows, out -> {
            if (rows.isEmpty()) {
                out.println("no data set in " + folder + "; the layout is JPEGImages, SegmentationClass,"
                        + " ImageSets/Segmentation and classes.txt");
            } else {
                table.print(out);
            }
        });
        return 0;
    }

    @Command(
            name = "check",
            description = "Read every image and mask of a data set, and tell what does not fit.",
            mixinStandardHelpOptions = true)
    int check(@Mixin Output output, @Parameters(paramLabel = "FOLDER") Path folder) throws Exception {
        DatasetCheck check = Datasets.open(folder).check();
        output.show(check, out -> {
            check.problems().forEach(out::println);
            out.println(check);
        });
        return (check.problems().isEmpty() ? ExitCode.OK : ExitCode.FAILED).code();
    }
}
