package io.maskstream.trainer.network.operator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why operators of the standard are left out that people may well bring, and what to do about it. */
final class Refusals {
    private static final Map<String, String> BY_NAME = new HashMap<>();

    static {
        refuse(
                "repeats a part of the graph as often as the data say; export the network with that unrolled",
                List.of("Loop", "Scan"));
        refuse(
                "computes in 8-bit integers, which have no gradient; bring the float32 network, the release quantises it",
                List.of(
                        "QuantizeLinear",
                        "DequantizeLinear",
                        "DynamicQuantizeLinear",
                        "QLinearConv",
                        "QLinearMatMul",
                        "ConvInteger",
                        "MatMulInteger"));
        refuse(
                "draws random numbers, so the released model would not answer the same twice; export it for inference",
                List.of(
                        "RandomNormal",
                        "RandomNormalLike",
                        "RandomUniform",
                        "RandomUniformLike",
                        "Multinomial",
                        "Bernoulli"));
        refuse(
                "handles lists of tensors; export the network so that they are joined",
                List.of(
                        "SequenceAt",
                        "SequenceConstruct",
                        "SequenceEmpty",
                        "SequenceErase",
                        "SequenceInsert",
                        "SequenceLength",
                        "SequenceMap",
                        "ConcatFromSequence",
                        "SplitToSequence",
                        "Optional",
                        "OptionalGetElement",
                        "OptionalHasElement"));
        refuse(
                "works on boxes of object detection; bring the part of the network that gives a class for every pixel",
                List.of("NonMaxSuppression", "RoiAlign", "MaxRoiPool"));
        refuse(
                "gives a result whose size depends on the values, through which no gradient flows",
                List.of("Unique", "Compress"));
        refuse("is recurrent; networks for images seldom are", List.of("RNN", "LSTM", "GRU"));
        refuse("is of signal processing", List.of("DFT", "STFT", "MelWeightMatrix", "HannWindow", "HammingWindow"));
        refuse(
                "works on texts",
                List.of("StringNormalizer", "StringConcat", "StringSplit", "RegexFullMatch", "TfIdfVectorizer"));
        refuse("decodes files; give the network pixels", List.of("ImageDecoder"));
    }

    private Refusals() {}

    private static void refuse(String reason, List<String> operators) {
        operators.forEach(operator -> BY_NAME.put(operator, reason));
    }

    /** Returns why an operator is left out, if that was decided. */
    static Optional<String> reason(String operator) {
        return Optional.ofNullable(BY_NAME.get(operator));
    }

    /** Returns the reasons of all that were left out knowingly, by operator. */
    static Map<String, String> all() {
        return Map.copyOf(BY_NAME);
    }
}
