package io.maskstream.trainer.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TorchTest {
    @Test
    void givesOpenBlasAsManyThreads_asLibtorch() {
        for (int threads : new int[] {2, 1}) {
            Torch.threads(threads);
            assertThat(torch.get_num_threads()).isEqualTo(threads);
            assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(threads);
        }
    }

    @Test
    void refuses_fewerThanOneThread() {
        assertThatThrownBy(() -> Torch.threads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1 thread, found 0");
    }
}
