package io.maskstream.service;

import java.util.List;

/** The settings are wrong; the message lists every problem, a line each. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param problems each names its key */
    public SettingsException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }
}
