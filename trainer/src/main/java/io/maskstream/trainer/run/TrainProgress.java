package io.maskstream.trainer.run;

/** Is told how a training goes; called on the training's thread, so it returns at once. */
@FunctionalInterface
public interface TrainProgress {
    /** Takes no notice. */
    TrainProgress SILENT = (iteration, iterations, loss) -> {};

    /**
     * Called after each step.
     *
     * @param iteration steps done, from 1
     * @param iterations steps there will be
     * @param loss of this step, all terms with their weights
     */
    void stepped(int iteration, int iterations, double loss);
}
