package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.routing.RoutingConfig;
import io.maskstream.routing.RoutingReplay;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.service.Settings;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Judges recorded decisions under another policy. */
@Command(
        name = "replay",
        description = "Say what another routing policy would have decided on the images decided so far.",
        mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
    @Option(
            names = "--policy",
            required = true,
            paramLabel = "FILE",
            description = "YAML with a section routing, as in the settings; what it leaves out is as it is now.")
    private Path policy = Path.of("policy.yaml");

    @Mixin
    private final LoopOptions options = new LoopOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        LoopSettings settings = options.load();
        Settings file = Settings.load(policy, Map.of(), Map.of());
        RoutingConfig other = file.bind("routing", RoutingConfig.class, settings.routing());
        file.check();
        TopicsCommand.connect(settings).close();
        RoutingPolicy judged = other.initialPolicy();
        RoutingReplay.Report report =
                RoutingReplay.ofTopic(settings.connection(), settings.catalogue(), judged, other.salt());
        output.show(report, out -> out.println(report));
        return 0;
    }
}
