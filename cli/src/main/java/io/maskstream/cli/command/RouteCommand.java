package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.routing.RoutingApp;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs routing by itself. */
@Command(
        name = "route",
        description = "Run the routing stage: predictions become decisions, tasks and training samples, exactly once.",
        mixinStandardHelpOptions = true)
public final class RouteCommand implements Callable<Integer> {
    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(options.load(), stage -> {
                    return List.of(new RoutingApp(
                            stage.settings().routing(),
                            stage.connection(),
                            stage.topics(),
                            stage.metrics().registry()));
                })
                .code();
    }
}
