package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.data.ClassBalancedReservoir;
import io.maskstream.trainer.data.DatasetExamples;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.data.LabelChoice;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationResult;
import io.maskstream.trainer.form.FormVariant;
import io.maskstream.trainer.form.ReleaseForms;
import io.maskstream.trainer.libtorch.OrderlyEnd;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One semi-supervised training over a data set on disk, without Kafka.
 *
 * <p>The chosen masks of the train split are learned from as annotations, its other images as unlabelled; the exported model
 * is then evaluated on the {@code val} split by ONNX Runtime. Equal settings on one machine give equal weights.
 */
public final class OfflineTraining {
    private static final String TRAIN = "train";
    private static final String VALIDATION = "val";
    private static final int HASH_CHARACTERS = 8;

    private final TrainConfig config;
    private final LabelWatch watch;

    public OfflineTraining(TrainConfig config) {
        this(config, LabelWatch.NOBODY);
    }

    /**
     * @param watch is shown what is taught on the images whose annotation was not chosen, beside that annotation
     */
    public OfflineTraining(TrainConfig config, LabelWatch watch) {
        this.config = config;
        this.watch = watch;
    }

    /**
     * A report, and what a comparison with another training needs.
     *
     * @param perImage confusion matrix of each validation image by the exported model
     */
    public record Outcome(TrainReport report, List<ConfusionMatrix> perImage) {
        public Outcome {
            perImage = List.copyOf(perImage);
        }
    }

    /** As {@link #train}, for those who need no more than the report. */
    public TrainReport run(TrainProgress progress) throws IOException {
        return train(progress).report();
    }

    /**
     * Trains, writes the model and evaluates it.
     *
     * @throws IOException if the data set or the model cannot be read, or the result cannot be written
     * @throws IllegalArgumentException if the settings name what is not there, with what there is
     */
    public Outcome train(TrainProgress progress) throws IOException {
        if (config.threads() > 0) {
            Torch.threads(config.threads());
        }
        Device device = Torch.choose(Device.parse(config.device()));
        Dataset dataset = Datasets.open(config.dataset());
        Method method = Methods.named(config.method());
        Set<String> chosen =
                LabelChoice.parse(config.labels()).choose(DatasetExamples.labelled(dataset, TRAIN), config.seed());
        Examples labelled = DatasetExamples.withMasks(dataset, TRAIN, chosen, config.height(), config.width());
        RoundPlan plan = method.plan(new MethodSettings(
                        ClassWeights.ofPixels(pixels(labelled, dataset.classes().size())),
                        config.options(),
                        config.seed())
                .checkedFor(method));
        Examples unlabelled = plan.usesUnlabelled()
                ? DatasetExamples.withoutMasks(dataset, TRAIN, chosen, config.height(), config.width())
                : Examples.NONE;
        ModelProto start =
                Artefacts.starting(config.model(), dataset.classes(), config.height(), config.width(), config.seed());
        ModelMetadata metadata = ModelMetadata.read(start);
        TrainingSettings settings = new TrainingSettings(
                config.iterations(),
                config.batch(),
                config.learningRate(),
                config.headLearningRate(),
                config.gradientClip(),
                config.seed(),
                1,
                metadata.input());
        String dataHash = hash(labelled, unlabelled);
        TrainingData data = new TrainingData(labelled, unlabelled, truths(dataset, unlabelled));
        double[] stepMillis = new double[config.iterations()];
        double[] losses = new double[config.iterations()];
        PeakMemory.reset();
        long parameters;
        long begin = System.nanoTime();
        try (SegmentationNetwork network = network(start, device);
                RecipeTraining training = new RecipeTraining(plan, network, data, settings, watch)) {
            parameters = network.parameters().values().stream()
                    .mapToLong(tensor -> tensor.numel())
                    .sum();
            for (int i = 0; i < stepMillis.length; i++) {
                long stepBegin = System.nanoTime();
                losses[i] = OrderlyEnd.whole(training::step);
                stepMillis[i] = (System.nanoTime() - stepBegin) / 1e6;
                progress.stepped(i + 1, stepMillis.length, losses[i]);
            }
            ModelMetadata learned = metadata.learned(
                    version(dataHash),
                    1,
                    config.method(),
                    dataHash,
                    Map.of(
                            "iterations", (double) config.iterations(),
                            "labels", (double) labelled.size(),
                            "unlabelled", (double) unlabelled.size(),
                            "seed", (double) config.seed()));
            ModelFile.write(config.out(), Artefacts.deployed(training.exported().toModel(), learned));
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        double peak = PeakMemory.mebibytes();
        EvaluationResult validation =
                Evaluation.resultOnDataset(config.out(), config.dataset(), VALIDATION, config.device());
        Arrays.sort(stepMillis);
        List<TrainReport.Form> forms = forms(dataset, device, List.of(labelled, unlabelled));
        TrainReport report = new TrainReport(
                config.method(),
                labelled.size(),
                unlabelled.size(),
                config.iterations(),
                new TrainReport.StepMillis(quantile(stepMillis, 0.5), quantile(stepMillis, 0.9)),
                TrainReport.Loss.of(losses),
                peak,
                config.seed(),
                parameters,
                seconds,
                validation.report(),
                new TrainReport.Out(config.out().toString(), digest(config.out())),
                forms);
        return new Outcome(report, validation.perImage());
    }

    /** Returns the masks that somebody wants to compare with; nothing is learned from them. */
    private Map<String, Mask> truths(Dataset dataset, Examples unlabelled) throws IOException {
        if (watch == LabelWatch.NOBODY) {
            return Map.of();
        }
        Set<String> wanted = new HashSet<>();
        for (int i = 0; i < unlabelled.size(); i++) {
            wanted.add(unlabelled.get(i).id());
        }
        return DatasetExamples.masks(dataset, TRAIN, wanted, config.height(), config.width());
    }

    /** Writes the forms that are asked for beside the model. */
    private List<TrainReport.Form> forms(Dataset dataset, Device device, List<Examples> learned) throws IOException {
        List<TrainReport.Form> reports = new ArrayList<>();
        if (config.forms().isEmpty()) {
            return reports;
        }
        List<String> ids = DatasetExamples.labelled(dataset, VALIDATION);
        Examples evaluation = DatasetExamples.withMasks(dataset, VALIDATION, ids, config.height(), config.width());
        EvaluationResult reference;
        try (InferenceModel model = InferenceModel.open(config.out(), device)) {
            reference = Evaluation.of(model, evaluation);
        }
        for (FormVariant variant : new ReleaseForms(config.formTolerance(), device)
                .make(
                        config.out(),
                        config.forms(),
                        reference,
                        evaluation,
                        ReleaseForms.calibration(learned, config.formCalibration(), config.seed()))) {
            Path file = variant.file();
            reports.add(new TrainReport.Form(
                    variant.form().wireName(),
                    file == null ? null : new TrainReport.Out(file.toString(), digest(file)),
                    variant.parity(),
                    variant.evaluation(),
                    variant.gate().passed(),
                    variant.gate().explanation()));
        }
        return reports;
    }

    private SegmentationNetwork network(ModelProto start, Device device) {
        SegmentationNetwork network = GraphNetwork.of(start, device);
        network.compute(
                PrecisionChoice.of(config.precision(), network, config.batch(), config.height(), config.width()));
        return network;
    }

    private static List<Long> pixels(Examples labelled, int classes) {
        long[] sum = new long[classes];
        for (int i = 0; i < labelled.size(); i++) {
            List<Long> pixels = ClassBalancedReservoir.histogram(labelled.get(i).requireMask(), classes);
            for (int c = 0; c < classes; c++) {
                sum[c] += pixels.get(c);
            }
        }
        return Arrays.stream(sum).boxed().toList();
    }

    private String version(String dataHash) {
        MessageDigest digest = SampleDecoder.sha256();
        digest.update((config.labels() + "|" + config.iterations() + "|" + config.batch() + "|" + config.learningRate()
                        + "|" + config.headLearningRate() + "|" + config.gradientClip() + "|" + config.precision()
                        + "|" + config.seed() + "|" + config.model() + "|" + dataHash)
                .getBytes(StandardCharsets.UTF_8));
        return config.method() + "-" + SampleDecoder.hex(digest).substring(0, HASH_CHARACTERS);
    }

    private static String hash(Examples labelled, Examples unlabelled) {
        MessageDigest digest = SampleDecoder.sha256();
        for (Examples examples : List.of(labelled, unlabelled)) {
            for (int i = 0; i < examples.size(); i++) {
                Example example = examples.get(i);
                digest.update(example.id().getBytes(StandardCharsets.UTF_8));
                digest.update(example.image().pixels().toArray());
                if (example.mask() != null) {
                    digest.update(example.requireMask().classes().toArray());
                }
            }
        }
        return SampleDecoder.hex(digest);
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = SampleDecoder.sha256();
        digest.update(Files.readAllBytes(file));
        return SampleDecoder.hex(digest);
    }

    /** Returns the value below which a share of sorted values lies. */
    static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
    }
}
