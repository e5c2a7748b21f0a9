package io.maskstream.service;

/** How a process ends. */
public enum ExitCode {
    /** It did what was asked, or was stopped by a signal. */
    OK(0),
    /** It could not do what was asked. */
    FAILED(1),
    /** The command line or the settings were wrong. */
    USAGE(2),
    /** A stage that was running stopped working. */
    STAGE_FAILED(3);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** Returns the code for the operating system. */
    public int code() {
        return code;
    }
}
