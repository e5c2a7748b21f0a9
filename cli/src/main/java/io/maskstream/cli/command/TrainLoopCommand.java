package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.cli.stage.TrainStage;
import io.maskstream.trainer.run.TrainLoop;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the trainer by itself. */
@Command(
        name = "train-loop",
        description = "Run the continual trainer of a model line.",
        mixinStandardHelpOptions = true)
public final class TrainLoopCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(), stage -> {
                    return List.of(new TrainStage(new TrainLoop(
                            stage.settings().trainer(),
                            stage.connection(),
                            stage.topics(),
                            stage.store(),
                            stage.metrics().registry())));
                })
                .code();
    }
}
