package io.maskstream.trainer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The most memory that this process held, as Linux counts it. */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String RESET_PEAK = "5";

    private PeakMemory() {}

    /** Forgets the peak so far, where the system allows it; else the peak is that of the whole process. */
    static void reset() {
        if (Files.isWritable(CLEAR)) {
            try {
                Files.writeString(CLEAR, RESET_PEAK);
            } catch (IOException e) {
                return; // some containers forbid it, and the peak then stands for more than was asked for
            }
        }
    }

    /** Returns the peak in MiB; 0 where the system does not say. */
    static double mebibytes() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        return 0;
    }
}
