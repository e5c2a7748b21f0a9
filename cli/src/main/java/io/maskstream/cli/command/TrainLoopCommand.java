package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.cli.stage.TrainStage;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.run.TrainLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the trainer by itself. */
@Command(
        name = "train-loop",
        description = "Run the continual trainer of a model line.",
        mixinStandardHelpOptions = true)
public final class TrainLoopCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Mixin
    private final MethodOptions methodOptions = new MethodOptions();

    @Option(names = "--method", description = "Of learning (trainer.method). See: maskstream methods.")
    private @Nullable String method;

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(settings()), stage -> {
                    return List.of(new TrainStage(new TrainLoop(
                            stage.settings().trainer(),
                            stage.connection(),
                            stage.topics(),
                            stage.store(),
                            stage.metrics().registry())));
                })
                .code();
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(methodOptions.settings("trainer"));
        if (method != null) {
            settings.put("trainer.method", Methods.named(method).name());
        }
        return settings;
    }
}
