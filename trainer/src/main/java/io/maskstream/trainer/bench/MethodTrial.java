package io.maskstream.trainer.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.trainer.data.Digests;
import io.maskstream.trainer.run.OfflineTraining;
import io.maskstream.trainer.run.TrainConfig;
import io.maskstream.trainer.run.TrainProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One training that a bench asks for.
 *
 * @param bench what it shares with the others
 * @param digest of {@code bench}, as its runs bear it
 * @param variant the method and its options, as {@link MethodVariant} writes it
 * @param labels how many masks may be used
 * @param seed of weights, order, augmentation and label choice
 */
public record MethodTrial(BenchSetting bench, String digest, String variant, String labels, long seed) {
    private static final int ORPHANED = 3; // exit code of a trial whose bench is gone
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Returns the name of its file. */
    public String fileName() {
        return variant.replace(':', '_') + "-" + labels.replace("/", "-of-") + "-seed" + seed + ".json";
    }

    /** Returns the digest of the method's recipe as it is today. */
    public String recipe() {
        return Digests.sha256(
                MethodVariant.parse(variant).recipe(bench.options()).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Trains and evaluates in this process.
     *
     * @throws IOException if the data set or the model cannot be read
     */
    public MethodRun run(TrainProgress progress) throws IOException {
        List<String> classes = Datasets.open(Path.of(bench.dataset())).classes().names();
        LabelRecorder recorder = new LabelRecorder(classes.size(), bench.iterations());
        Path out = Files.createTempFile("maskstream-bench-", ".onnx");
        try {
            OfflineTraining.Outcome outcome = new OfflineTraining(config(out), recorder)
                    .train((iteration, iterations, loss) -> {
                        recorder.stepped(iteration, iterations, loss);
                        progress.stepped(iteration, iterations, loss);
                    });
            return new MethodRun(
                    variant,
                    labels,
                    seed,
                    digest,
                    recipe(),
                    outcome.report().labels(),
                    outcome.report().unlabelled(),
                    outcome.report().stepMillis(),
                    outcome.report().trainSeconds(),
                    outcome.report().peakRssMiB(),
                    outcome.report().loss(),
                    outcome.report().validation(),
                    classes,
                    MethodRun.flat(outcome.perImage()),
                    recorder.curves());
        } finally {
            Files.deleteIfExists(out);
        }
    }

    private TrainConfig config(Path out) {
        MethodVariant parsed = MethodVariant.parse(variant);
        TrainConfig usual = TrainConfig.defaults();
        return new TrainConfig(
                Path.of(bench.dataset()),
                labels,
                parsed.method(),
                bench.model(),
                bench.iterations(),
                bench.batch(),
                bench.width(),
                bench.height(),
                seed,
                bench.learningRate(),
                bench.headLearningRate(),
                bench.gradientClip(),
                usual.precision(),
                bench.device(),
                bench.threads(),
                parsed.with(bench.options()),
                out,
                usual.forms(),
                usual.formTolerance(),
                usual.formCalibration());
    }

    /**
     * Runs the trial of a file in this process, says {@code step 7} on standard output after each step, and writes the run to another.
     * Ends when the process that started it has ended, however that ended: nobody would read the run.
     *
     * @param arguments the trial as JSON, and the file of the run
     */
    public static void main(String[] arguments) throws IOException {
        ProcessHandle.current().parent().ifPresent(parent -> {
            var unused = parent.onExit().thenRun(() -> System.exit(ORPHANED));
        });
        MethodTrial trial = JSON.readValue(Path.of(arguments[0]).toFile(), MethodTrial.class);
        MethodRun run = trial.run((iteration, iterations, loss) -> System.out.println("step " + iteration));
        BenchFolder.write(Path.of(arguments[1]), run);
    }
}
