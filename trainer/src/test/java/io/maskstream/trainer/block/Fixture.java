package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One image of 2x2 pixels and three classes, seen by three models; logits are the logarithms of the probabilities. */
public final class Fixture {
    private Fixture() {}

    /** Probabilities of the first model, by pixel, then class. */
    public static float[] a() {
        return new float[] {.80f, .10f, .10f, .55f, .40f, .05f, .10f, .75f, .15f, .05f, .15f, .80f};
    }

    /** Those of the second. */
    public static float[] b() {
        return new float[] {.70f, .20f, .10f, .30f, .60f, .10f, .25f, .25f, .50f, .10f, .10f, .80f};
    }

    /** Those of the learner. */
    public static float[] d() {
        return new float[] {.60f, .30f, .10f, .20f, .70f, .10f, .10f, .20f, .70f, .30f, .30f, .40f};
    }

    public static Outputs outputs(float[] probabilities) {
        return new Outputs(Map.of(Outputs.LOGITS, logits(probabilities)));
    }

    /** Outputs of a network that gives these class scores. */
    public static Outputs speaking(Tensor logits) {
        return new Outputs(Map.of(Outputs.LOGITS, logits));
    }

    public static Tensor logits(float[] probabilities) {
        return torch.tensor(probabilities)
                .reshape(1, 2, 2, 3)
                .permute(0, 3, 1, 2)
                .contiguous()
                .log();
    }

    public static Tensor map(float... values) {
        return torch.tensor(values).reshape(1, 2, 2);
    }

    public static Tensor classes(long... values) {
        return torch.tensor(values).reshape(1, 2, 2);
    }

    public static long[] longs(Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.numel())];
        tensor.to(torch.ScalarType.Long).contiguous().data_ptr_long().get(values);
        return values;
    }

    public static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        tensor.detach().to(torch.ScalarType.Float).contiguous().data_ptr_float().get(values);
        return values;
    }
}
