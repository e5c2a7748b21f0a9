package io.maskstream.trainer.run;

import io.maskstream.trainer.block.RoundPlan;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.Checkpoint;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The one loop that runs any round plan, step by step, and can stop and go on at any step.
 *
 * <p>All that is drawn is a function of seed and step; so weights, optimiser state and the number of steps done are all there is to
 * keep, and a training that was stopped and restored gives the weights that it would have given on the same machine with as many threads.
 */
final class RecipeTraining implements AutoCloseable {
    private static final String STEPS_DONE = "steps-done";
    private static final String MIXED = "mixed-precision";

    private final RoundPlan plan;
    private final List<Integer> stageSteps;
    private final TrainingSettings settings;
    private final BatchSource labelled;
    private final @Nullable BatchSource unlabelled;
    private int stage;
    private int doneInStage;
    private StageRun run;

    /**
     * @param start the network to start from; copied, stays the caller's
     * @param labelled annotated examples, at least one
     * @param unlabelled examples without annotation, may be none
     */
    RecipeTraining(
            RoundPlan plan,
            SegmentationNetwork start,
            Examples labelled,
            Examples unlabelled,
            TrainingSettings settings) {
        if (labelled.size() < 1) {
            throw new IllegalArgumentException("there is no annotation to learn from");
        }
        this.plan = plan;
        this.settings = settings;
        this.stageSteps = plan.steps(settings.iterations());
        this.labelled = new BatchSource(labelled, settings.batch(), settings.seed(), "labelled", start.device());
        this.unlabelled = unlabelled.size() == 0
                ? null
                : new BatchSource(unlabelled, settings.batch(), settings.seed(), "unlabelled", start.device());
        this.run = stageRun(0, start);
    }

    private StageRun stageRun(int index, SegmentationNetwork start) {
        int before = stageSteps.subList(0, index).stream()
                .mapToInt(Integer::intValue)
                .sum();
        return new StageRun(
                plan.stages().get(index).recipe(),
                new StageBeginnings(start, Map.of(), settings),
                settings,
                Math.max(1, stageSteps.get(index)),
                before,
                labelled,
                unlabelled,
                LabelWatch.NOBODY);
    }

    /** Returns how many steps were done. */
    int done() {
        return stageSteps.subList(0, stage).stream().mapToInt(Integer::intValue).sum() + doneInStage;
    }

    /** Says whether no step is left. */
    boolean isDone() {
        return done() >= settings.iterations();
    }

    /**
     * Takes the next step.
     *
     * @return the loss
     * @throws IllegalStateException if the loss is no number
     */
    double step() {
        while (doneInStage >= stageSteps.get(stage)) {
            StageRun before = run;
            run = stageRun(stage + 1, before.exported());
            before.close();
            stage++;
            doneInStage = 0;
        }
        double loss = run.step(doneInStage);
        doneInStage++;
        return loss;
    }

    /** Returns the network that would be released now; it belongs to this training. */
    SegmentationNetwork exported() {
        return run.exported();
    }

    /** Writes a checkpoint; a file of that name is replaced at once or not at all. */
    void save(Path file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> checkpoint = new LinkedHashMap<>();
            run.save(checkpoint);
            checkpoint.put(STEPS_DONE, torch.tensor(new long[] {done()}));
            boolean mixed = run.exported().precision() == Precision.MIXED;
            checkpoint.put(MIXED, torch.tensor(new long[] {mixed ? 1 : 0}));
            Checkpoint.write(file, checkpoint);
        }
    }

    /**
     * Goes back or forward to a checkpoint of a training with the same plan, data and settings.
     *
     * @throws IOException if the file is not a whole checkpoint
     */
    void restore(Path file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> checkpoint =
                    Checkpoint.read(file, run.exported().device());
            Tensor steps = checkpoint.get(STEPS_DONE);
            Tensor mixed = checkpoint.get(MIXED);
            if (steps == null || mixed == null) {
                throw new IOException(file + " is no checkpoint of a training");
            }
            int left = Math.toIntExact(steps.cpu().item_long());
            int target = 0;
            while (target < stageSteps.size() - 1 && left > stageSteps.get(target)) {
                left -= stageSteps.get(target);
                target++;
            }
            if (target != stage) {
                StageRun before = run;
                run = stageRun(target, before.exported());
                before.close();
            }
            run.compute(mixed.cpu().item_long() == 1 ? Precision.MIXED : Precision.FLOAT32);
            run.load(checkpoint);
            stage = target;
            doneInStage = left;
        }
    }

    @Override
    public void close() {
        run.close();
    }
}
