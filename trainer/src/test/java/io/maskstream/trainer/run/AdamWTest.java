package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final float[][] GRADIENTS = {{0.1f, -0.2f, 0.3f, 0}, {0.5f, 0.4f, -0.3f, 0.2f}, {-1, 0, 0.1f, 0.05f}};
    private static final float[][] BIAS_GRADIENTS = {{1, -1}, {0.5f, 2}, {0, 0.3f}};

    /** Numbers of torch.optim.AdamW, PyTorch 2: learning rate 0.1, decay 0.01 on the weight and none on the bias. */
    @Test
    void stepsAsPyTorchDoes() {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> parameters = parameters();
            try (AdamW optimiser = new AdamW(parameters, 0.01)) {
                for (int i = 0; i < GRADIENTS.length; i++) {
                    step(optimiser, parameters, i);
                }
            }

            assertThat(ImageTensors.toFloats(parameters.get("weight")))
                    .containsExactly(
                            new float[] {0.83787799f, -1.95907962f, 0.39325327f, 2.84536624f}, within(1e-5f));
            assertThat(ImageTensors.toFloats(parameters.get("bias")))
                    .containsExactly(new float[] {-0.01527571f, -0.72315818f}, within(1e-5f));
        }
    }

    @Test
    void goesOnExactly_whenItsStateIsSavedAndLoaded() {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> whole = parameters();
            Map<String, Tensor> parts = parameters();
            try (AdamW straight = new AdamW(whole, 0.01);
                    AdamW first = new AdamW(parts, 0.01);
                    AdamW second = new AdamW(parts, 0.01)) {
                step(straight, whole, 0);
                step(straight, whole, 1);
                step(first, parts, 0);
                Map<String, Tensor> state = new LinkedHashMap<>();
                first.save("adamw/", state);
                second.load("adamw/", state);
                step(second, parts, 1);
            }

            assertThat(ImageTensors.toFloats(parts.get("weight"))).isEqualTo(ImageTensors.toFloats(whole.get("weight")));
        }
    }

    private static Map<String, Tensor> parameters() {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put(
                "weight",
                torch.tensor(new float[] {1, -2, 0.5f, 3}).reshape(2, 2).set_requires_grad(true));
        parameters.put("bias", torch.tensor(new float[] {0.25f, -0.75f}).set_requires_grad(true));
        return parameters;
    }

    private static void step(AdamW optimiser, Map<String, Tensor> parameters, int index) {
        parameters.get("weight").mutable_grad().put(torch.tensor(GRADIENTS[index]).reshape(2, 2));
        parameters.get("bias").mutable_grad().put(torch.tensor(BIAS_GRADIENTS[index]));
        optimiser.step(0.1);
    }
}
