package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.inference.InferenceApp;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs inference by itself. */
@Command(
        name = "infer",
        description = "Run the inference stage: images become predictions, exactly once.",
        mixinStandardHelpOptions = true)
public final class InferCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(), stage -> {
                    return List.of(new InferenceApp(
                            stage.settings().inference(),
                            stage.connection(),
                            stage.topics(),
                            stage.store(),
                            stage.metrics().registry()));
                })
                .code();
    }
}
