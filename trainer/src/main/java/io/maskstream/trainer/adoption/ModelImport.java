package io.maskstream.trainer.adoption;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.adoption.Adoption;
import io.maskstream.segmentation.adoption.Adoption.Adopted;
import io.maskstream.segmentation.adoption.AdoptionOptions;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.FrozenWeights;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.operator.Operators;
import io.maskstream.trainer.network.operator.Operators.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/** Makes an ONNX file of any origin a released model of ours, or says exactly why it cannot be. */
public final class ModelImport {
    private static final int SHOWN = 20;

    private ModelImport() {}

    /**
     * An imported model.
     *
     * @param model with its pseudo-label head, ready to serve, to evaluate and to train on
     */
    public record Imported(ModelProto model, ImportReport report) {}

    /**
     * Imports a file.
     *
     * @throws ModelFormatException if the model cannot be taken, with every reason there is
     * @throws IllegalArgumentException if what the options ask for does not fit the model
     */
    public static Imported of(Path file, AdoptionOptions options) throws IOException {
        ModelProto read = ModelFile.read(file);
        Adopted adopted = Adoption.adopt(read, options);
        ModelProto trainable = adopted.model();
        requireOperators(trainable, String.valueOf(file.getFileName()));
        Agreement agreement = Agreement.measure(trainable);
        ModelProto released = PseudoLabelHead.attach(trainable);
        return new Imported(released, report(file, trainable, adopted, agreement));
    }

    private static void requireOperators(ModelProto trainable, String name) throws ModelFormatException {
        List<Problem> problems = Operators.problems(trainable);
        if (!problems.isEmpty()) {
            String lines = problems.stream()
                    .limit(SHOWN)
                    .map(problem -> "\n  " + problem)
                    .collect(Collectors.joining());
            String more = problems.size() > SHOWN ? "\n  and " + (problems.size() - SHOWN) + " more" : "";
            throw new ModelFormatException(
                    name + " has " + problems.size() + " nodes that cannot be trained through:" + lines + more);
        }
    }

    private static ImportReport report(Path file, ModelProto trainable, Adopted adopted, Agreement agreement)
            throws ModelFormatException {
        ModelMetadata metadata = ModelMetadata.read(trainable);
        Map<String, Long> frozen = new LinkedHashMap<>();
        long learned = 0;
        try (GraphNetwork network = GraphNetwork.of(trainable, Device.CPU)) {
            GraphProto graph = network.toModel().getGraph();
            Set<String> still = new LinkedHashSet<>();
            for (String pattern : metadata.frozen()) {
                Set<String> named = FrozenWeights.of(graph, List.of(pattern));
                frozen.put(pattern, count(graph, named));
                still.addAll(named);
            }
            for (Map.Entry<String, Tensor> parameter : network.parameters().entrySet()) {
                learned += still.contains(parameter.getKey())
                        ? 0
                        : parameter.getValue().numel();
            }
        }
        return new ImportReport(
                String.valueOf(file.getFileName()),
                adopted.findings().operators(),
                adopted.findings().facts(),
                adopted.findings().assumptions(),
                adopted.findings().rewritings(),
                learned,
                frozen,
                agreement,
                metadata.input().width() + "x" + metadata.input().height(),
                metadata.classes().names());
    }

    private static long count(GraphProto graph, Set<String> names) {
        long count = 0;
        for (TensorProto weight : graph.getInitializerList()) {
            if (names.contains(weight.getName())) {
                long values = 1;
                for (long side : weight.getDimsList()) {
                    values *= side;
                }
                count += values;
            }
        }
        return count;
    }
}
