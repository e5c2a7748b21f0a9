package io.maskstream.cli;

import io.maskstream.cli.command.BenchCommand;
import io.maskstream.cli.command.BrokerCommand;
import io.maskstream.cli.command.DatasetsCommand;
import io.maskstream.cli.command.DeadLettersCommand;
import io.maskstream.cli.command.DemoCommand;
import io.maskstream.cli.command.DoctorCommand;
import io.maskstream.cli.command.EvalCommand;
import io.maskstream.cli.command.InferCommand;
import io.maskstream.cli.command.IngestCommand;
import io.maskstream.cli.command.LabelCommand;
import io.maskstream.cli.command.MethodsCommand;
import io.maskstream.cli.command.ModelsCommand;
import io.maskstream.cli.command.PredictCommand;
import io.maskstream.cli.command.PublishCommand;
import io.maskstream.cli.command.QualityCommand;
import io.maskstream.cli.command.ReplayCommand;
import io.maskstream.cli.command.RouteCommand;
import io.maskstream.cli.command.SimulateCommand;
import io.maskstream.cli.command.TopicsCommand;
import io.maskstream.cli.command.TrainCommand;
import io.maskstream.cli.command.TrainLoopCommand;
import io.maskstream.cli.command.UpCommand;
import io.maskstream.service.ExitCode;
import io.maskstream.service.SettingsException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: {@code ./maskstream <command>}. */
@Command(
        name = "maskstream",
        description =
                "Streaming active learning for semantic segmentation: label a few, learn from all, and prove it live.",
        mixinStandardHelpOptions = true,
        versionProvider = Maskstream.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            PublishCommand.class,
            IngestCommand.class,
            InferCommand.class,
            RouteCommand.class,
            LabelCommand.class,
            TrainLoopCommand.class,
            QualityCommand.class,
            SimulateCommand.class,
            TrainCommand.class,
            EvalCommand.class,
            PredictCommand.class,
            MethodsCommand.class,
            ModelsCommand.class,
            TopicsCommand.class,
            DatasetsCommand.class,
            DeadLettersCommand.class,
            ReplayCommand.class,
            BrokerCommand.class,
            BenchCommand.class,
            DoctorCommand.class
        })
public final class Maskstream implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Print the whole trace of an error.")
    private boolean stacktrace;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        System.exit(run(out, err, arguments));
    }

    /** Runs a command in this process and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Maskstream top = new Maskstream();
        return new CommandLine(top)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((problem, command, parsed) -> top.report(problem, command))
                .execute(arguments);
    }

    @Override
    public void run() {
        CommandLine.Model.CommandSpec own = spec;
        if (own != null) {
            own.commandLine().usage(own.commandLine().getOut());
        }
    }

    private int report(Exception problem, CommandLine command) {
        Throwable cause =
                problem instanceof ExecutionException && problem.getCause() != null ? problem.getCause() : problem;
        if (stacktrace) {
            cause.printStackTrace(command.getErr());
        }
        command.getErr().println("maskstream: " + sentence(cause));
        boolean usage = cause instanceof SettingsException;
        return (usage ? ExitCode.USAGE : ExitCode.FAILED).code();
    }

    /** Some exceptions of the JDK hold nothing but a file name. */
    private static String sentence(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof NoSuchFileException) {
            return message + ": there is no such file";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return message + ": exists already; choose another name or delete it";
        }
        boolean plain = cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException
                || cause instanceof IOException
                || cause instanceof UncheckedIOException
                || cause instanceof SettingsException;
        return plain ? message : cause.getClass().getSimpleName() + ": " + message + " (--stacktrace shows where)";
    }

    /** The version of the build. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Maskstream.class.getPackage().getImplementationVersion();
            return new String[] {"maskstream " + (version == null ? "(development)" : version)};
        }
    }
}
