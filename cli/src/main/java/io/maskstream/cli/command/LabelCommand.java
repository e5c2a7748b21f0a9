package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.labeling.LabelingApp;
import io.maskstream.labeling.LabelingRoutes;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the label desk by itself. */
@Command(
        name = "label",
        description = "Run the label desk: its task store, its API and its page.",
        mixinStandardHelpOptions = true)
public final class LabelCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(), stage -> {
                    LabelingApp app = new LabelingApp(
                            stage.settings().labeling(),
                            stage.connection(),
                            stage.topics(),
                            stage.store(),
                            stage.metrics().registry());
                    LabelingRoutes.of(app).on(stage.server());
                    return List.of(app);
                })
                .code();
    }
}
