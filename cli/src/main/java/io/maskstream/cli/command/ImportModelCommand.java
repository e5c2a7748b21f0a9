package io.maskstream.cli.command;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.adoption.AdoptionOptions;
import io.maskstream.segmentation.adoption.ClassMap;
import io.maskstream.segmentation.adoption.Layout;
import io.maskstream.segmentation.adoption.Merge;
import io.maskstream.segmentation.adoption.Normalisation;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.trainer.adoption.ImportReport;
import io.maskstream.trainer.adoption.ModelImport;
import io.maskstream.trainer.release.ModelRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a network of any origin in. */
@Command(
        name = "import",
        description =
                "Take an ONNX file of any origin: check it, give it the classes that are asked for, and write it to a"
                        + " file or release it as the line's champion.",
        mixinStandardHelpOptions = true)
public final class ImportModelCommand implements Callable<Integer> {
    private static final int MEASURED = 32; // pictures that normalisations are measured on; more move them little

    @Parameters(paramLabel = "FILE", description = "The ONNX file.")
    private Path file = Path.of("model.onnx");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the model here and release nothing; needs no Kafka.")
    private @Nullable Path out;

    @Option(names = "--line", defaultValue = "main", description = "The model line; default main.")
    private String line = "main";

    @Option(
            names = "--classes",
            paramLabel = "FILE|a,b,c",
            description = "Put on a fresh classifier for these classes; with --class-map, their order.")
    private @Nullable String classes;

    @Option(
            names = "--class-map",
            paramLabel = "FILE",
            description = "Make new classes of old ones; lines 'new = old, old'.")
    private @Nullable Path classMap;

    @Option(
            names = "--old-classes",
            paramLabel = "FILE|a,b,c",
            description = "Names of the classes that the network has, in its order.")
    private @Nullable String oldClasses;

    @Option(
            names = "--merge",
            defaultValue = "log-sum-exp",
            description =
                    "How old classes become one: log-sum-exp of their scores (default), or the mean of their weights.")
    private String merge = "log-sum-exp";

    @Option(
            names = "--logits",
            paramLabel = "NAME",
            description = "The output, or inner value, that has the class scores.")
    private @Nullable String logits;

    @Option(names = "--input-layout", paramLabel = "nchw|nhwc", description = "The order of the input's axes.")
    private @Nullable String layout;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            converter = ImageSize.Converter.class,
            description = "The picture size that the network was trained at.")
    private @Nullable ImageSize size;

    @Option(
            names = "--size-rule",
            paramLabel = "fixed|multiple:N",
            description =
                    "Whether pictures of other sizes are resized to it, or to multiples of N; default: found by trial.")
    private @Nullable String sizeRule;

    @Option(
            names = "--normalisation",
            paramLabel = "NAME",
            description = "symmetric (byte / 127.5 - 1), unit (byte / 255), bytes, or imagenet.")
    private @Nullable String normalisation;

    @Option(
            names = "--mean",
            paramLabel = "r,g,b",
            description = "Mean of the channels on the scale 0 to 1; with --std.")
    private @Nullable String mean;

    @Option(names = "--std", paramLabel = "r,g,b", description = "Deviation of the channels on the scale 0 to 1.")
    private @Nullable String std;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description =
                    "Weights that training leaves alone, by their names or those of the nodes that read them; * is any"
                            + " text. May be given more than once.")
    private List<String> frozen = new ArrayList<>();

    @Option(
            names = "--normalise-on",
            paramLabel = "FOLDER",
            description =
                    "Put batch normalisation back that an exporter folded away, measured on pictures of this folder; the"
                            + " network computes the same and learns faster.")
    private @Nullable Path pictures;

    @Mixin
    private final LoopOptions options = new LoopOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        if (out == null && isAsItShouldBe()) {
            release(file, Map.of());
            return 0;
        }
        ModelImport.Imported imported = ModelImport.of(file, adoption());
        if (out != null) {
            Path target = out;
            ModelFile.write(target, imported.model());
            output.show(withFile(imported.report(), target), writer -> {
                print(imported.report(), writer);
                writer.println("written to " + target);
            });
            return 0;
        }
        Path written = Files.createTempFile("maskstream-import", ".onnx");
        try {
            ModelFile.write(written, imported.model());
            if (output.isTalkative()) {
                print(imported.report(), output.out());
            }
            release(written, Map.of("import", imported.report()));
        } finally {
            Files.deleteIfExists(written);
        }
        return 0;
    }

    /** Says whether the file is a model of ours and nothing is asked to change. */
    private boolean isAsItShouldBe() throws IOException {
        boolean nothing = classes == null
                && classMap == null
                && oldClasses == null
                && logits == null
                && layout == null
                && size == null
                && sizeRule == null
                && normalisation == null
                && mean == null
                && std == null
                && pictures == null
                && frozen.isEmpty();
        ModelProto model = ModelFile.read(file);
        return nothing && ModelMetadata.isIn(model);
    }

    private AdoptionOptions adoption() throws IOException {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.onnx$", "");
        AdoptionOptions asked = new AdoptionOptions(name)
                .line(line)
                .merge(Merge.named(merge))
                .frozen(frozen)
                .classes(names(classes))
                .oldClasses(names(oldClasses));
        if (classMap != null) {
            asked.classMap(ClassMap.read(classMap));
        }
        if (logits != null) {
            asked.logits(logits);
        }
        if (layout != null) {
            asked.layout(Layout.named(layout));
        }
        if (size != null) {
            asked.size(size.height(), size.width());
        }
        if (sizeRule != null) {
            addSizeRule(asked, sizeRule);
        }
        addNormalisation(asked);
        if (pictures != null) {
            asked.normaliseOn(pictures(pictures));
        }
        return asked;
    }

    /** Reads some pictures of a folder, evenly over it. */
    private static List<RgbImage> pictures(Path folder) throws IOException {
        List<DatasetItem> items = Datasets.imageFolder(folder);
        int count = Math.min(MEASURED, items.size());
        List<RgbImage> read = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read.add(items.get((int) ((long) i * items.size() / count)).readImage());
        }
        return read;
    }

    private static void addSizeRule(AdoptionOptions asked, String rule) {
        if (rule.equals("fixed")) {
            asked.sizeRule(SizePolicy.FIXED, 1);
        } else if (rule.matches("multiple:\\d{1,3}")) {
            asked.sizeRule(SizePolicy.STRIDE, Integer.parseInt(rule.substring(rule.indexOf(':') + 1)));
        } else {
            throw new IllegalArgumentException(
                    "--size-rule is fixed or multiple:N, such as multiple:32, found " + rule);
        }
    }

    private void addNormalisation(AdoptionOptions asked) {
        if (mean == null && std == null) {
            if (normalisation != null) {
                asked.normalisation(Normalisation.named(normalisation));
            }
            return;
        }
        if (mean == null || std == null || normalisation != null) {
            throw new IllegalArgumentException("give --mean and --std together, or --normalisation alone");
        }
        asked.normalisation(new Normalisation("given", numbers("--mean", mean), numbers("--std", std)));
    }

    private static List<Float> numbers(String option, String text) {
        try {
            return Arrays.stream(text.split(",", -1))
                    .map(part -> Float.parseFloat(part.strip()))
                    .toList();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    option + " takes three numbers such as 0.485,0.456,0.406, found " + text, e);
        }
    }

    /** Reads names from a file, a line each, or from the text itself, with commas. */
    private static List<String> names(@Nullable String given) throws IOException {
        if (given == null) {
            return List.of();
        }
        List<String> parts = isFile(given) ? Files.readAllLines(Path.of(given)) : Arrays.asList(given.split(",", -1));
        List<String> names = parts.stream()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
        if (names.size() < 2) {
            throw new IllegalArgumentException(
                    "'" + given + "' names fewer than 2 classes; give a file with a class on each line, or a,b,c");
        }
        return names;
    }

    private static boolean isFile(String given) {
        try {
            return Files.isRegularFile(Path.of(given));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private void release(Path model, Map<String, Object> more) throws Exception {
        LoopSettings settings = options.load();
        ModelMetadata metadata = ModelMetadata.read(ModelFile.read(model));
        try (ModelRegistry registry = ModelsCommand.registry(settings)) {
            ModelRelease release = publish(settings.contentStore(), model, metadata, registry);
            Map<String, Object> all = new LinkedHashMap<>(ModelsCommand.describe(release));
            all.putAll(more);
            output.show(all, writer -> writer.println(release.getVersion() + " serves " + line + " from now on"));
        }
    }

    private ModelRelease publish(ContentStore store, Path model, ModelMetadata metadata, ModelRegistry registry)
            throws IOException {
        String key = store.put(model);
        ModelRelease release = ModelRelease.newBuilder()
                .setLine(line)
                .setVersion(metadata.version())
                .setParent(registry.serving(line).map(ModelRelease::getVersion).orElse(null))
                .setRound(Math.max(1, metadata.round()))
                .setStatus(ModelStatus.CHAMPION)
                .setArtefact(new StoredArtefact(key, key.substring(key.indexOf('/') + 1), Files.size(model)))
                .setClasses(metadata.classes().names())
                .setMethod(metadata.method())
                .setTrainingOffsets(Map.of())
                .setDataHash(metadata.dataHash())
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setMetrics(null)
                .setGate(null)
                .setTemperature(metadata.temperature())
                .setReleasedAt(Instant.now())
                .build();
        registry.publish(release);
        return release;
    }

    private static Map<String, Object> withFile(ImportReport report, Path written) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("import", report);
        all.put("out", written.toString());
        return all;
    }

    private static void print(ImportReport report, PrintWriter out) {
        int nodes =
                report.operators().values().stream().mapToInt(Integer::intValue).sum();
        out.println("operators: " + nodes + " nodes, all of them supported: " + report.operators());
        report.facts().forEach((what, found) -> out.println(what + ": " + found));
        report.rewritings().forEach(sentence -> out.println("changed: " + sentence));
        report.assumptions().forEach(sentence -> out.println("ASSUMED: " + sentence));
        out.println("parameters: " + report.trainable() + " learn"
                + (report.frozen().isEmpty() ? "" : ", frozen " + report.frozen()));
        out.printf(
                Locale.ROOT,
                "libtorch and ONNX Runtime agree on %d pictures: largest difference %.2g at scores up to %.3g%n",
                report.agreement().pictures(),
                report.agreement().largestDifference(),
                report.agreement().largestScore());
        out.println("the pseudo-label head is put on: mask, confidence and uncertainty come out of the graph");
    }
}
