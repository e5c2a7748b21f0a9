package io.maskstream.cli.command;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.schemas.event.FormParity;
import io.maskstream.schemas.event.GateVerdict;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ReleaseVariant;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.OperationCount;
import io.maskstream.segmentation.model.zoo.StartingModel;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.release.ModelRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows and changes which model serves. */
@Command(
        name = "models",
        description = "List, show, promote, roll back or import the models of a line.",
        subcommands = ImportModelCommand.class,
        mixinStandardHelpOptions = true)
public final class ModelsCommand {

    @Command(
            name = "starting",
            description = "List the architectures that a line can start from, with their weights and operations.",
            mixinStandardHelpOptions = true)
    int starting(
            @Mixin Output output,
            @Option(
                            names = "--size",
                            defaultValue = "160x120",
                            converter = ImageSize.Converter.class,
                            description =
                                    "Size of the pictures that operations are counted for; default ${DEFAULT-VALUE}.")
                    ImageSize size,
            @Option(names = "--classes", defaultValue = "11", description = "How many; default ${DEFAULT-VALUE}.")
                    int classes)
            throws IOException {
        ClassList names = ClassList.of(
                IntStream.range(0, classes).mapToObj(i -> "class" + i).toList());
        List<Map<String, Object>> all = new ArrayList<>();
        Table table = new Table("model", "parameters", "MMAC at " + size, "what it is");
        for (StartingModel model : StartingModels.all()) {
            OperationCount count =
                    OperationCount.of(model.build(names, size.height(), size.width(), 1), size.height(), size.width());
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", model.name());
            row.put("summary", model.summary());
            row.put("parameters", count.parameters());
            row.put("multiplyAccumulates", count.multiplyAccumulates());
            all.add(row);
            table.row(
                    model.name(),
                    String.format(Locale.ROOT, "%,d", count.parameters()),
                    BenchCommand.millions(count.multiplyAccumulates()),
                    model.summary());
        }
        output.show(all, table::print);
        return 0;
    }

    @Command(name = "list", description = "List the versions of a line, oldest first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--line", defaultValue = "main") String line)
            throws Exception {
        try (ModelRegistry registry = registry(options.load())) {
            List<ModelRelease> releases = registry.list(line);
            String serving = ModelRegistry.serving(releases)
                    .map(ModelRelease::getVersion)
                    .orElse("");
            Table table = new Table(
                    "", "version", "round", "status", "method", "labels", "mIoU", "95 %", "forms", "released");
            for (ModelRelease release : releases) {
                ModelMetrics metrics = release.getMetrics();
                table.row(
                        release.getVersion().equals(serving) ? "*" : "",
                        release.getVersion(),
                        release.getRound(),
                        release.getStatus().name().toLowerCase(Locale.ROOT),
                        release.getMethod(),
                        release.getLabels(),
                        metrics == null ? "–" : String.format(Locale.ROOT, "%.3f", metrics.getMiou()),
                        metrics == null
                                ? "–"
                                : String.format(
                                        Locale.ROOT, "%.3f to %.3f", metrics.getMiouLow(), metrics.getMiouHigh()),
                        forms(release),
                        release.getReleasedAt());
            }
            output.show(releases.stream().map(ModelsCommand::describe).toList(), table::print);
        }
        return 0;
    }

    @Command(name = "show", description = "Show all that is known of a version.", mixinStandardHelpOptions = true)
    int show(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--line", defaultValue = "main") String line,
            @Parameters(paramLabel = "VERSION") String version)
            throws Exception {
        try (ModelRegistry registry = registry(options.load())) {
            Map<String, Object> all = describe(registry.show(line, version));
            output.show(all, out -> all.forEach((key, value) -> out.println(key + ": " + value)));
        }
        return 0;
    }

    @Command(
            name = "promote",
            description = "Make a version serve, whatever the gate said of it.",
            mixinStandardHelpOptions = true)
    int promote(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--line", defaultValue = "main") String line,
            @Parameters(paramLabel = "VERSION") String version)
            throws Exception {
        try (ModelRegistry registry = registry(options.load())) {
            ModelRelease promoted = registry.promote(line, version);
            output.show(
                    describe(promoted), out -> out.println(promoted.getVersion() + " serves " + line + " from now on"));
        }
        return 0;
    }

    @Command(
            name = "rollback",
            description = "Withdraw the champion; the one before it serves again.",
            mixinStandardHelpOptions = true)
    int rollback(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--line", defaultValue = "main") String line)
            throws Exception {
        try (ModelRegistry registry = registry(options.load())) {
            ModelRelease again = registry.rollback(line);
            output.show(describe(again), out -> out.println(again.getVersion() + " serves " + line + " again"));
        }
        return 0;
    }

    /** Opens the registry of models, once Kafka is known to answer. */
    static ModelRegistry registry(LoopSettings settings) throws InterruptedException {
        TopicsCommand.connect(settings).close();
        return new ModelRegistry(settings.connection(), settings.catalogue());
    }

    /** Returns the forms beside float32, those that may not serve in brackets. */
    private static String forms(ModelRelease release) {
        String forms = release.getVariants().stream()
                .map(variant -> variant.getGate().getPassed() ? variant.getForm() : "(" + variant.getForm() + ")")
                .collect(Collectors.joining(" "));
        return forms.isEmpty() ? "–" : forms;
    }

    private static Map<String, Object> describe(ReleaseVariant variant) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("form", variant.getForm());
        all.put("status", variant.getGate().getPassed() ? "passed" : "rejected");
        all.put("gate", variant.getGate().getExplanation());
        @Nullable StoredArtefact artefact = variant.getArtefact();
        if (artefact != null) {
            all.put("artefact", artefact.getReference());
            all.put("sizeBytes", artefact.getSizeBytes());
        }
        @Nullable FormParity parity = variant.getParity();
        if (parity != null) {
            all.put("sameClass", parity.getSameClass());
            all.put("maxDifference", parity.getMaxDifference());
            all.put("meanDifference", parity.getMeanDifference());
        }
        @Nullable ModelMetrics metrics = variant.getMetrics();
        if (metrics != null) {
            addMiou(all, metrics);
        }
        return all;
    }

    private static void addMiou(Map<String, Object> all, ModelMetrics metrics) {
        all.put("miou", metrics.getMiou());
        all.put("miouLow", metrics.getMiouLow());
        all.put("miouHigh", metrics.getMiouHigh());
    }

    /** Returns what is shown of a release. */
    static Map<String, Object> describe(ModelRelease release) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("line", release.getLine());
        all.put("version", release.getVersion());
        all.put("parent", release.getParent());
        all.put("round", release.getRound());
        all.put("status", release.getStatus().name().toLowerCase(Locale.ROOT));
        all.put("method", release.getMethod());
        all.put("classes", release.getClasses());
        all.put("labels", release.getLabels());
        all.put("unlabelled", release.getUnlabelled());
        all.put("trainSeconds", release.getTrainSeconds());
        all.put("artefact", release.getArtefact().getReference());
        all.put("sizeBytes", release.getArtefact().getSizeBytes());
        all.put("dataHash", release.getDataHash());
        @Nullable ModelMetrics metrics = release.getMetrics();
        if (metrics != null) {
            all.put("images", metrics.getImages());
            addMiou(all, metrics);
            all.put("pixelAccuracy", metrics.getPixelAccuracy());
            all.put("perClassIou", metrics.getPerClassIou());
        }
        @Nullable GateVerdict gate = release.getGate();
        if (gate != null) {
            all.put("gate", gate.getExplanation());
        }
        if (!release.getVariants().isEmpty()) {
            all.put(
                    "variants",
                    release.getVariants().stream().map(ModelsCommand::describe).toList());
        }
        all.put("releasedAt", release.getReleasedAt().toString());
        return all;
    }
}
