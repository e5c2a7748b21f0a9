package io.maskstream.cli.stage;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** How much a process says of itself. */
public final class Logs {
    private Logs() {}

    /** Lets our own parts say what they do, as a process does that runs on; {@code -Dmaskstream.log} is stronger. */
    public static void talk() {
        if (System.getProperty("maskstream.log") == null
                && LoggerFactory.getLogger("io.maskstream") instanceof Logger logger) {
            logger.setLevel(Level.INFO);
        }
    }
}
