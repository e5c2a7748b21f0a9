package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final float[][] GRADIENTS = {{0.1f, -0.2f, 0.3f, 0}, {0.5f, 0.4f, -0.3f, 0.2f}, {-1, 0, 0.1f, 0.05f}
    };
    private static final float[][] BIAS_GRADIENTS = {{1, -1}, {0.5f, 2}, {0, 0.3f}};

    private final Tensor weight;
    private final Tensor bias;
    private final PointerScope scope = new PointerScope();

    AdamWTest() {
        weight = torch.tensor(new float[] {1, -2, 0.5f, 3}).reshape(2, 2).set_requires_grad(true);
        bias = torch.tensor(new float[] {0.25f, -0.75f}).set_requires_grad(true);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Numbers of torch.optim.AdamW, PyTorch 2: learning rate 0.1, decay 0.01 on the weight and none on the bias. */
    @Test
    void stepsAsPyTorchDoes() {
        try (AdamW optimiser = new AdamW(Map.of("weight", weight, "bias", bias), 0.01)) {
            for (int i = 0; i < GRADIENTS.length; i++) {
                step(optimiser, i);
            }
        }

        assertThat(ImageTensors.toFloats(weight))
                .containsExactly(new float[] {0.837878f, -1.959080f, 0.393253f, 2.845366f}, within(2e-6f));
        assertThat(ImageTensors.toFloats(bias)).containsExactly(new float[] {-0.015276f, -0.723158f}, within(2e-6f));
    }

    @Test
    void goesOnExactly_whenItsStateIsSavedAndLoaded() {
        Map<String, Tensor> parameters = Map.of("weight", weight, "bias", bias);
        Map<String, Tensor> state = new LinkedHashMap<>();
        try (AdamW straight = new AdamW(parameters, 0.01);
                AdamW restored = new AdamW(parameters, 0.01)) {
            step(straight, 0);
            straight.save("adamw/", state);
            restored.load("adamw/", state);
            Tensor before = weight.detach().clone();
            step(straight, 1);
            float[] expected = ImageTensors.toFloats(weight);
            weight.detach().copy_(before);
            step(restored, 1);

            assertThat(ImageTensors.toFloats(weight)).isEqualTo(expected);
        }
    }

    @Test
    void movesTheHeadFaster_byItsFactor() {
        try (AdamW optimiser = new AdamW(Map.of("weight", weight, "bias", bias), 0, Set.of("bias"), 10)) {
            weight.mutable_grad().put(torch.ones(2, 2));
            bias.mutable_grad().put(torch.ones(2));
            optimiser.step(0.01);
        }

        // Adam's first step goes by the rate itself, whatever the gradient.
        assertThat(ImageTensors.toFloats(weight))
                .containsExactly(new float[] {0.99f, -2.01f, 0.49f, 2.99f}, within(1e-5f));
        assertThat(ImageTensors.toFloats(bias)).containsExactly(new float[] {0.15f, -0.85f}, within(1e-5f));
    }

    private void step(AdamW optimiser, int index) {
        weight.mutable_grad().put(torch.tensor(GRADIENTS[index]).reshape(2, 2));
        bias.mutable_grad().put(torch.tensor(BIAS_GRADIENTS[index]));
        optimiser.step(0.1);
    }
}
