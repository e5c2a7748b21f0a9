package io.maskstream.trainer.run;

import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.Checkpoint;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The one loop that runs any round plan, step by step, and can stop and go on at any step.
 *
 * <p>All that is drawn is a function of seed and step, and a stage is a function of what is finished; so weights, optimiser state, the
 * snapshots of finished stages and the number of steps done are all there is to keep, and a training that was stopped and restored gives the
 * weights that it would have given on the same machine with as many threads. Labels that a stage was given are made again.
 */
final class RecipeTraining implements AutoCloseable {
    private static final String STEPS_DONE = "steps-done";
    private static final String MIXED = "mixed-precision";
    private static final String BEGUN = "stage-begun";

    private final RoundPlan plan;
    private final TrainingSettings settings;
    private final TrainingData data;
    private final LabelWatch watch;
    private final Snapshots snapshots;
    private final RoundSoFar round;
    private @Nullable RoundMemory memory;
    private @Nullable Running running;
    private @Nullable Running lasting;
    private boolean complete;

    /**
     * A stage at work.
     *
     * @param first steps that were done before it
     * @param steps that it has
     */
    private record Running(Stage stage, StageRun run, int first, int steps) {}

    private int doneInStage;
    private int doneBefore;

    /**
     * @param start the network to start from; copied, stays the caller's
     * @param watch is shown what is taught on images whose truth is known
     */
    RecipeTraining(
            RoundPlan plan, SegmentationNetwork start, TrainingData data, TrainingSettings settings, LabelWatch watch) {
        this.plan = plan;
        this.settings = settings;
        this.data = data;
        this.watch = watch;
        this.snapshots = new Snapshots(start);
        this.round = new RoundSoFar(snapshots, data, settings);
    }

    /** Prepares a training that nobody watches. */
    RecipeTraining(
            RoundPlan plan,
            SegmentationNetwork start,
            Examples labelled,
            Examples unlabelled,
            TrainingSettings settings) {
        this(plan, start, new TrainingData(labelled, unlabelled), settings, LabelWatch.NOBODY);
    }

    /** Lets the round go on from what the round before it remembered; called before the first step. */
    void takeUp(RoundMemory before) {
        memory = before;
        before.giveSnapshots(snapshots);
    }

    /** Writes what the next round may go on from; called when no step is left. */
    void remember(RoundMemory after) throws IOException {
        SegmentationNetwork unused = exported();
        Running last = lasting;
        after.write(
                last == null ? "" : last.stage().name(), last == null ? null : last.run(), snapshots, plan.kept(round));
    }

    /** Returns how many steps were done. */
    int done() {
        return doneBefore + doneInStage;
    }

    /** Says whether no step is left. */
    boolean isDone() {
        return done() >= settings.iterations();
    }

    /**
     * Takes the next step.
     *
     * @return the loss
     * @throws IllegalStateException if the loss is no number, or the plan has no stage for the step
     */
    double step() {
        Running now = current();
        while (doneInStage >= now.steps()) {
            finish(now);
            now = current();
        }
        double loss = now.run().step(doneInStage);
        doneInStage++;
        mark(now);
        return loss;
    }

    /** Returns the network that would be released now; it belongs to this training. */
    SegmentationNetwork exported() {
        if (!isDone()) {
            return current().run().exported();
        }
        complete();
        return snapshots.get(plan.exported(round));
    }

    /** Finishes the last stages, which may have no step left. */
    private void complete() {
        while (!complete) {
            Running now = running;
            if (now != null) {
                finish(now);
            }
            complete = !begin();
        }
    }

    private Running current() {
        if (running == null && !begin()) {
            throw new IllegalStateException("the plan ended after " + done() + " of " + settings.iterations()
                    + " steps; the shares of a round's stages sum to 1");
        }
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("a stage began and is not there");
        }
        return now;
    }

    /** Asks for the next stage and begins it; false if there is none. */
    private boolean begin() {
        Optional<Stage> next = plan.next(round);
        round.forget();
        if (next.isEmpty()) {
            return false;
        }
        Stage stage = next.get();
        double share = stage.share()
                + round.finished().stream()
                        .mapToDouble(finished -> finished.share())
                        .sum();
        if (share > 1 + Stage.SHARE_TOLERANCE) {
            throw new IllegalStateException(
                    "with stage " + stage.name() + " the shares of the round sum to " + share + ", above 1");
        }
        if (snapshots.names().contains(stage.name())) {
            throw new IllegalStateException("two stages of the round are named " + stage.name());
        }
        int end = share > 1 - Stage.SHARE_TOLERANCE
                ? settings.iterations()
                : (int) Math.round(settings.iterations() * share);
        closeRunning(false);
        Running begun = new Running(stage, stageRun(stage, end - doneBefore), doneBefore, end - doneBefore);
        running = begun;
        doneInStage = 0;
        mark(begun);
        return true;
    }

    private StageRun stageRun(Stage stage, int steps) {
        StageRun run = emptyRun(stage, steps);
        RoundMemory before = memory;
        if (before != null && stage.lasting()) {
            before.giveMembers(stage.name(), run);
        }
        return run;
    }

    private StageRun emptyRun(Stage stage, int steps) {
        SegmentationNetwork start = snapshots.get(stage.start().equals(Stage.BEFORE) ? round.last() : stage.start());
        Map<String, BatchSource> streams = new LinkedHashMap<>();
        streams.put(
                Recipe.LABELLED,
                new BatchSource(
                        data.labelled(), stage.annotated(), null, Map.of(), settings, Recipe.LABELLED, start.device()));
        if (data.unlabelled().size() > 0) {
            streams.put(
                    Recipe.UNLABELLED,
                    new BatchSource(
                            data.unlabelled(),
                            stage.images(),
                            stage.labels(),
                            data.truths(),
                            settings,
                            Recipe.UNLABELLED,
                            start.device()));
        }
        return new StageRun(
                stage.recipe(),
                new StageBeginnings(start, snapshots::get, settings),
                settings,
                stage.rate(),
                Math.max(1, steps),
                doneBefore,
                streams,
                watch);
    }

    /** Keeps a snapshot wherever a part of the stage ends. */
    private void mark(Running now) {
        int parts = now.stage().parts();
        for (int part = 1; part < parts; part++) {
            if ((long) now.steps() * part / parts == doneInStage) {
                snapshots.take(
                        Stage.mark(now.stage().name(), part, parts), now.run().exported());
            }
        }
    }

    private void finish(Running now) {
        snapshots.take(now.stage().name(), now.run().exported());
        round.finish(now.stage());
        doneBefore += now.steps();
        doneInStage = 0;
        closeRunning(now.stage().lasting());
        snapshots.retain(plan.needed(round));
    }

    /** Writes a checkpoint; a file of that name is replaced at once or not at all. */
    void save(Path file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> checkpoint = new LinkedHashMap<>();
            Running now = running;
            if (now != null) {
                now.run().save(checkpoint);
            }
            snapshots.save(checkpoint);
            round.save(checkpoint);
            boolean mixed = snapshots.start().precision() == Precision.MIXED;
            checkpoint.put(STEPS_DONE, torch.tensor(new long[] {doneBefore, doneInStage}));
            checkpoint.put(BEGUN, torch.tensor(new long[] {now != null ? 1 : 0}));
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
                    Checkpoint.read(file, snapshots.start().device());
            if (!checkpoint.keySet().containsAll(List.of(STEPS_DONE, MIXED, BEGUN))) {
                throw new IOException(file + " is no checkpoint of a training");
            }
            long[] steps = RoundSoFar.longs(checkpoint, STEPS_DONE);
            snapshots.compute(RoundSoFar.longs(checkpoint, MIXED)[0] == 1 ? Precision.MIXED : Precision.FLOAT32);
            closeRunning(false);
            snapshots.load(checkpoint);
            round.load(checkpoint);
            complete = false;
            doneBefore = Math.toIntExact(steps[0]);
            if (RoundSoFar.longs(checkpoint, BEGUN)[0] == 1) {
                current().run().load(checkpoint);
            }
            doneInStage = Math.toIntExact(steps[1]);
        }
    }

    /**
     * @param goingOn whether the next round may ask for its members
     */
    private void closeRunning(boolean goingOn) {
        Running before = lasting;
        if (before != null) {
            before.run().close();
        }
        Running now = running;
        lasting = goingOn ? now : null;
        running = null;
        if (now != null && !goingOn) {
            now.run().close();
        }
    }

    @Override
    public void close() {
        closeRunning(false);
        snapshots.close();
    }
}
