package io.maskstream.cli.loop;

import io.maskstream.cli.Progress;
import io.maskstream.cli.Table;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says on a terminal how the loop goes: a line for what happened, and one that is kept up to date. */
public final class LoopConsole {
    private final PrintWriter out;
    private final boolean live;
    private boolean open;

    /**
     * @param talkative whether anything is printed before the end
     */
    public LoopConsole(PrintWriter out, boolean talkative) {
        this.out = talkative ? out : new PrintWriter(java.io.Writer.nullWriter());
        this.live = talkative && Progress.isTerminal();
    }

    /** Prints what happened. */
    public void say(String line) {
        if (open) {
            out.print("\r\u001b[K");
            open = false;
        }
        out.println(line);
        out.flush();
    }

    /** Replaces the line that is kept up to date; where there is no terminal, nothing is printed. */
    public void status(String line) {
        if (live) {
            out.print("\r\u001b[K" + line);
            out.flush();
            open = true;
        }
    }

    /** Prints the books and the rounds at the end. */
    public static void print(LoopReport report, PrintWriter out) {
        out.println();
        Table table = new Table(
                "round", "labels", "method", "status", "mIoU", "95 % interval", "over the one before", "trained");
        for (LoopReport.Round round : report.rounds()) {
            table.row(
                    round.round(),
                    round.labels(),
                    round.method(),
                    round.status(),
                    share(round.miou()),
                    share(round.miouLow()) + " to " + share(round.miouHigh()),
                    gain(round.gain()),
                    String.format(Locale.ROOT, "%.0f s", round.trainSeconds()));
        }
        table.print(out);
        out.printf(
                Locale.ROOT,
                "measured on the same %d images, which no model learned from%n%n",
                report.evaluationImages());
        out.printf(
                Locale.ROOT,
                "%d images published, %d predicted, %d decided, %d in dead letters: %d lost, %d duplicated%n",
                report.images().published(),
                report.images().predicted(),
                report.images().decided(),
                report.images().deadLettered(),
                report.lost(),
                report.duplicated());
        out.printf(
                Locale.ROOT,
                "%d to people (%d audit, %d random arm), %d learned from, %d set aside; %d annotations; %.0f s%n",
                report.routed().human(),
                report.routed().audit(),
                report.routed().randomArm(),
                report.routed().training(),
                report.routed().deferred(),
                report.annotations(),
                report.wallSeconds());
        out.flush();
    }

    private static String gain(LoopReport.@Nullable Gain gain) {
        return gain == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%+.3f (%+.3f to %+.3f) %s",
                        gain.delta(),
                        gain.low(),
                        gain.high(),
                        gain.verdict());
    }

    private static String share(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
