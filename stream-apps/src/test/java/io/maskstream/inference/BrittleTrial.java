package io.maskstream.inference;

import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The process of a trial in which a model named for it crashes or hangs, as native code can. */
public final class BrittleTrial {
    static final String CRASHES = "crashes";
    static final String HANGS = "hangs";

    private BrittleTrial() {}

    /** Takes the arguments of the real trial. */
    public static void main(String[] arguments) throws Exception {
        String version =
                ModelMetadata.read(ModelFile.read(Path.of(arguments[0]))).version();
        if (version.equals(CRASHES)) {
            new ProcessBuilder(
                            "kill",
                            "-SEGV",
                            Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
            new CountDownLatch(1).await();
        }
        if (version.equals(HANGS)) {
            new CountDownLatch(1).await();
        }
        ModelTrialMain.main(arguments);
    }
}
