package io.maskstream.segmentation.form;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What this machine's processor can do. */
public final class Processor {
    private static final Path LINUX = Path.of("/proc/cpuinfo");
    private static final Set<String> EXACT = Set.of("avx512_vnni", "avx_vnni", "amx_int8", "asimddp");

    private Processor() {}

    /**
     * Says whether sums of 8-bit products cannot overflow: so on x86 with VNNI and on Arm with dot products. Where the system does
     * not say, the answer is no.
     */
    public static boolean multipliesBytesExactly() {
        try {
            return Files.isReadable(LINUX) && multipliesBytesExactly(Files.readAllLines(LINUX));
        } catch (IOException e) {
            return false;
        }
    }

    static boolean multipliesBytesExactly(List<String> description) {
        return description.stream()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .flatMap(line -> Arrays.stream(line.split("\\s+")))
                .anyMatch(EXACT::contains);
    }
}
