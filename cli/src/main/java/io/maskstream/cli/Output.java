package io.maskstream.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that reports something. */
public final class Output {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the report as JSON to a file.")
    private @Nullable Path report;

    /** Returns the writer of the command's output. */
    public PrintWriter out() {
        return Objects.requireNonNull(spec, "picocli sets the command")
                .commandLine()
                .getOut();
    }

    /** Prints a report as JSON where asked for, else as the words given; and writes the file where asked for. */
    public void show(Object value, Consumer<PrintWriter> words) throws IOException {
        if (report != null) {
            Json.write(report, value);
        }
        if (json) {
            out().println(Json.text(value));
        } else {
            words.accept(out());
        }
        out().flush();
    }

    /** Says whether words may be printed on the way; not so where the output has to be JSON. */
    public boolean isTalkative() {
        return !json;
    }
}
