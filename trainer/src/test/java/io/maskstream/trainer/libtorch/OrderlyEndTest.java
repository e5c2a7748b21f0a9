package io.maskstream.trainer.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ends a process that computes, as an operator does. */
class OrderlyEndTest {
    private static final int BY_SIGTERM = 143;

    @TempDir
    private Path folder;

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void endsWithoutACrash_whenASignalComesInTheMiddleOfWork() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWork.class.getName())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            while (line != null && !line.equals("working")) {
                line = out.readLine();
            }
            assertThat(line).isEqualTo("working");

            process.destroy();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(BY_SIGTERM);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).as("dumps of a crash").isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** Convolutions and their gradients, one piece of work after the other. */
    static final class EndlessWork {
        private EndlessWork() {}

        public static void main(String[] arguments) {
            for (int i = 0; ; i++) {
                OrderlyEnd.whole(() -> {
                    try (PointerScope scope = new PointerScope()) {
                        Tensor image = torch.rand(4, 16, 64, 64);
                        Tensor weight = torch.rand(16, 16, 3, 3).set_requires_grad(true);
                        torch.conv2d(image, weight).sum().backward();
                        return weight.grad().defined();
                    }
                });
                if (i == 5) {
                    System.out.println("working");
                }
            }
        }
    }
}
