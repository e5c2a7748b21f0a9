package io.maskstream.cli.command;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.loop.Demo;
import io.maskstream.cli.loop.DemoPlan;
import io.maskstream.cli.loop.LoopConsole;
import io.maskstream.cli.loop.LoopReport;
import io.maskstream.service.ExitCode;
import io.maskstream.trainer.method.Methods;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the whole loop. */
@Command(
        name = "demo",
        description = "Run the whole loop in one process: generated street scenes (or a data set) flow, an automatic"
                + " annotator answers, and the model improves on screen.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final int USUAL_PORT = 8080;

    @Option(names = "--exit", description = "End when all is decided, answered and learned.")
    private boolean exit;

    @Option(names = "--dataset", paramLabel = "DIR", description = "A data set with the splits train and val.")
    private @Nullable Path dataset;

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds of learning; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--port", description = "Port of the pages; default 8080, or a free one if that is taken.")
    private @Nullable Integer port;

    @Option(
            names = "--size",
            defaultValue = "160x120",
            converter = ImageSize.Converter.class,
            description = "Input size of the model; default ${DEFAULT-VALUE}.")
    private ImageSize size = new ImageSize(160, 120);

    @Option(names = "--model", description = "Name of a starting model, or an ONNX file; default unet.")
    private @Nullable String model;

    @Option(names = "--method", description = "Of learning; default supervised. See: maskstream methods.")
    private @Nullable String method;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any setting, such as routing.score=entropy.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Mixin
    private final MethodOptions options = new MethodOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        int ready = port == null ? freePort() : port;
        if (model != null) {
            set.put("trainer.model", model);
        }
        if (method != null) {
            set.put("trainer.method", Methods.named(method).name());
        }
        options.settings("trainer").forEach(set::putIfAbsent);
        DemoPlan plan = dataset == null
                ? DemoPlan.onScenes(size, rounds, ready, set)
                : DemoPlan.onDataset(dataset, size, rounds, ready, set);
        LoopConsole console = new LoopConsole(output.out(), output.isTalkative());
        LoopReport report = new Demo(plan, console).run((loop, done) -> {
            output.show(done, out -> LoopConsole.print(done, out));
            if (!exit) {
                console.say("Look at it on " + loop.url() + "; Ctrl-C ends it.");
                new CountDownLatch(1).await();
            }
        });
        return (report.lost() == 0 && report.duplicated() == 0 ? ExitCode.OK : ExitCode.FAILED).code();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(USUAL_PORT, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            return 0; // somebody uses it, which a demo need not trouble the user with
        }
    }
}
