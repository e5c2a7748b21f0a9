package io.maskstream.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on a terminal; silent where the output is no terminal. */
public final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    /**
     * @param what is done, a word or two
     * @param total steps there will be, or -1 if that is not known
     */
    public Progress(String what, long total) {
        if (isTerminal()) {
            ProgressBarBuilder builder = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(total)
                    .setUpdateIntervalMillis(200)
                    .setStyle(ProgressBarStyle.ASCII);
            bar = builder.build();
        } else {
            bar = null;
        }
    }

    /** Says whether a person watches the output; the launcher knows, Java 17 does not reliably. */
    public static boolean isTerminal() {
        return Boolean.getBoolean("maskstream.terminal");
    }

    /** Moves the bar. */
    public void at(long done, String note) {
        ProgressBar shown = bar;
        if (shown != null) {
            shown.stepTo(done);
            shown.setExtraMessage(note);
        }
    }

    @Override
    public void close() {
        ProgressBar shown = bar;
        if (shown != null) {
            shown.close();
        }
    }
}
