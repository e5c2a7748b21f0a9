package io.maskstream.cli.command;

import io.maskstream.cli.stage.Stage;
import io.maskstream.ingest.IngestApp;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Watches a folder. */
@Command(
        name = "ingest",
        description = "Publish every image that appears in a folder, as long as the command runs.",
        mixinStandardHelpOptions = true)
public final class IngestCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The folder; those below it count as well.")
    private Path folder = Path.of(".");

    @Option(names = "--source", defaultValue = "folder", description = "What the images get as their source.")
    private String source = "folder";

    @Mixin
    private final StageOptions options = new StageOptions();

    @Override
    public Integer call() throws Exception {
        return Stage.run(
                        options.load(),
                        stage -> List.of(new IngestApp(
                                stage.settings().ingest(),
                                folder,
                                source,
                                stage.connection(),
                                stage.topics(),
                                stage.store(),
                                stage.metrics().registry())))
                .code();
    }
}
