package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.dashboard.LoopRoutes;
import io.maskstream.dashboard.LoopView;
import io.maskstream.quality.QualityApp;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs quality by itself. */
@Command(
        name = "quality",
        description = "Run the quality stage and the page of the loop.",
        mixinStandardHelpOptions = true)
public final class QualityCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(), stage -> {
                    LoopView view = new LoopView(
                            stage.settings().dashboard(),
                            stage.connection(),
                            stage.topics(),
                            stage.store(),
                            stage.metrics().registry());
                    LoopRoutes.on(stage.server(), view);
                    return List.of(
                            new QualityApp(
                                    stage.settings().quality(),
                                    stage.connection(),
                                    stage.topics(),
                                    stage.metrics().registry()),
                            view);
                })
                .code();
    }
}
