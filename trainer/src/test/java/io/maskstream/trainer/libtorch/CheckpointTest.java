package io.maskstream.trainer.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.model.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    Path folder;

    @Test
    void comesBackEqual_whenWrittenAndRead() throws IOException {
        Path file = folder.resolve("round.checkpoint");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("weight", torch.rand(3, 4, 5));
            tensors.put("step", torch.tensor(1L << 40));
            tensors.put("mask", torch.tensor(new long[] {0, 1, 255}).to(torch.ScalarType.Byte));
            tensors.put("empty", torch.zeros(0, 7));
            Checkpoint.write(file, tensors);
            Checkpoint.write(file, tensors);
            Map<String, Tensor> read = Checkpoint.read(file, Device.CPU);
            assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
            tensors.forEach((name, tensor) -> {
                Tensor other = Objects.requireNonNull(read.get(name));
                assertThat(other.scalar_type().intern())
                        .isEqualTo(tensor.scalar_type().intern());
                assertThat(torch.equal(tensor, other)).as(name).isTrue();
            });
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refuses_whenTheFileIsCutOrChanged() throws IOException {
        Path file = folder.resolve("round.checkpoint");
        try (PointerScope scope = new PointerScope()) {
            Checkpoint.write(file, Map.of("weight", torch.rand(10)));
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));
        assertThatThrownBy(() -> Checkpoint.read(file, Device.CPU)).isInstanceOf(IOException.class);
        byte[] changed = whole.clone();
        changed[whole.length - 12]++; // in the last weight
        Files.write(file, changed);
        assertThatThrownBy(() -> Checkpoint.read(file, Device.CPU)).hasMessageContaining("checksum");
        Files.write(file, new byte[100]);
        assertThatThrownBy(() -> Checkpoint.read(file, Device.CPU)).hasMessageContaining("not a checkpoint");
    }
}
