package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A drawn graph in libtorch against what is known to be right: its values against those of ONNX Runtime, its gradients
 * against finite differences.
 *
 * <p>Gradients: the graph runs in double precision on the same operations; its float outputs, each value times a random
 * number, are added up to one; the derivative of that by some single values of every float initializer, and along one
 * random direction over all of them at once, is compared with a central difference. So the direction covers every
 * value, and the single values say where it is wrong.
 */
final class OperatorOracle {
    private static final double STEP = 1e-6; // errors: about STEP^2 of the curve, 1e-16 / STEP of the rounding
    private static final double GRADIENT_TOLERANCE = 1e-6;
    private static final int SINGLE_VALUES = 6; // of each initializer
    private static final long SEED = 7; // of dropout, the same in every run

    private final ModelProto model;
    private final Draw draw;
    private final List<Operation> operations = new ArrayList<>();

    OperatorOracle(ModelProto model, Draw draw) {
        this.model = model;
        this.draw = draw;
        for (NodeProto node : model.getGraph().getNodeList()) {
            operations.add(Operators.prepare(new GraphNode(node, draw.opset())));
        }
    }

    /** Throws {@link AssertionError} if a value is further from ONNX Runtime's than the tolerance, times 1 + its size. */
    void compareValues(double tolerance) throws OrtException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Map<String, Answer> expected = onnxRuntime();
            Map<String, Tensor> found = run(read(false), false);
            expected.forEach(
                    (name, answer) -> answer.compare(name, Objects.requireNonNull(found.get(name)), tolerance));
        }
    }

    /** What ONNX Runtime gives. */
    @SuppressWarnings("ArrayRecordComponent") // two arrays to read, compared by nobody
    private record Answer(double[] values, long[] shape) {
        void compare(String name, Tensor found, double tolerance) {
            if (!java.util.Arrays.equals(shape, Inputs.shape(found))) {
                throw new AssertionError("the output " + name + " has the shape "
                        + java.util.Arrays.toString(Inputs.shape(found)) + " where ONNX Runtime gives "
                        + java.util.Arrays.toString(shape));
            }
            double[] own = numbers(found);
            for (int i = 0; i < own.length; i++) {
                boolean same = Double.compare(own[i], values[i]) == 0 || own[i] == values[i]; // NaN and infinities too
                if (!same && !(Math.abs(own[i] - values[i]) <= tolerance * (1 + Math.abs(values[i])))) {
                    throw new AssertionError("value " + i + " of the output " + name + " of the shape "
                            + java.util.Arrays.toString(shape) + " is " + own[i] + " where ONNX Runtime gives "
                            + values[i]);
                }
            }
        }
    }

    private Map<String, Answer> onnxRuntime() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, Answer> answers = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(model.toByteArray(), options);
                    OrtSession.Result result = session.run(Map.of())) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    OnnxTensor tensor = (OnnxTensor) output.getValue();
                    answers.put(
                            output.getKey(),
                            new Answer(numbers(tensor), tensor.getInfo().getShape()));
                }
            }
        }
        return answers;
    }

    private static double[] numbers(OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        double[] values = new double[Math.toIntExact(info.getNumElements())];
        ByteBuffer bytes = tensor.getByteBuffer();
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (info.type) {
                case FLOAT -> bytes.getFloat(4 * i);
                case DOUBLE -> bytes.getDouble(8 * i);
                case INT64 -> bytes.getLong(8 * i);
                case INT32 -> bytes.getInt(4 * i);
                case INT8, UINT8, BOOL -> bytes.get(i);
                default -> throw new AssertionError("an output of the type " + info.type);
            };
        }
        return values;
    }

    private static double[] numbers(Tensor tensor) {
        Tensor host = tensor.detach().to(torch.ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(host.numel())];
        if (values.length > 0) {
            DoubleBuffer.wrap(values)
                    .put(host.data_ptr_double().capacity(values.length).asBuffer());
        }
        return values;
    }

    /** Reads the initializers; the float ones as doubles if so asked. */
    private Map<String, Tensor> read(boolean precise) {
        Map<String, Tensor> values = new HashMap<>();
        for (TensorProto proto : model.getGraph().getInitializerList()) {
            Tensor value = TensorProtos.read(proto);
            boolean real = proto.getDataType() == TensorProto.DataType.FLOAT_VALUE;
            values.put(proto.getName(), precise && real ? value.to(torch.ScalarType.Double) : value);
        }
        return values;
    }

    private Map<String, Tensor> run(Map<String, Tensor> initial, boolean training) {
        GraphProto graph = model.getGraph();
        Map<String, Tensor> values = new HashMap<>(initial);
        for (int i = 0; i < operations.size(); i++) {
            NodeProto node = graph.getNode(i);
            @Nullable
            Tensor[] read = GraphNode.reads(node).stream()
                    .map(name -> name.isEmpty() ? null : Objects.requireNonNull(values.get(name)))
                    .toArray(Tensor[]::new);
            Tensor[] given = operations.get(i).run(new Inputs(node.getOpType(), read, training));
            for (int o = 0; o < node.getOutputCount(); o++) {
                values.put(node.getOutput(o), given[o]);
            }
        }
        return values;
    }

    /** Throws {@link AssertionError} if a derivative differs from a central difference, or if nothing has one. */
    void compareGradients(long seed) {
        Random random = new Random(seed);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> values = read(true);
            List<String> learned = model.getGraph().getInitializerList().stream()
                    .filter(draw::differentiates)
                    .map(TensorProto::getName)
                    .toList();
            if (learned.isEmpty()) {
                throw new AssertionError("the graph has no float value that a gradient could be taken of");
            }
            learned.forEach(name -> Objects.requireNonNull(values.get(name)).set_requires_grad(true));
            Map<String, Tensor> coefficients = new HashMap<>();
            total(values, coefficients).backward();
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            for (String name : learned) {
                Tensor value = Objects.requireNonNull(values.get(name));
                gradients.put(
                        name,
                        value.grad().defined()
                                ? value.grad().detach().clone()
                                : torch.zeros_like(value).detach());
            }
            try (NoGradGuard guard = new NoGradGuard()) {
                compareDirections(values, gradients, coefficients, random);
            }
        }
    }

    private void compareDirections(
            Map<String, Tensor> values,
            Map<String, Tensor> gradients,
            Map<String, Tensor> coefficients,
            Random random) {
        Map<String, Tensor> everywhere = new LinkedHashMap<>();
        gradients.forEach((name, gradient) -> {
            int count = Math.toIntExact(gradient.numel());
            double[] direction = random.doubles(count, -1, 1).toArray();
            everywhere.put(name, shaped(direction, gradient));
            for (int i = 0; i < Math.min(SINGLE_VALUES, count); i++) {
                double[] one = new double[count];
                int place = random.nextInt(count);
                one[place] = 1;
                compare(
                        "value " + place + " of the input " + name,
                        values,
                        Map.of(name, shaped(one, gradient)),
                        gradients,
                        coefficients);
            }
        });
        compare("all values along a direction", values, everywhere, gradients, coefficients);
    }

    private static Tensor shaped(double[] values, Tensor like) {
        return torch.from_blob(
                        new DoublePointer(values), Inputs.shape(like), new TensorOptions(torch.ScalarType.Double))
                .clone();
    }

    private void compare(
            String what,
            Map<String, Tensor> values,
            Map<String, Tensor> direction,
            Map<String, Tensor> gradients,
            Map<String, Tensor> coefficients) {
        double own = 0;
        for (Map.Entry<String, Tensor> along : direction.entrySet()) {
            own += Objects.requireNonNull(gradients.get(along.getKey()))
                    .mul(along.getValue())
                    .sum()
                    .item_double();
        }
        double up = total(moved(values, direction, STEP), coefficients).item_double();
        double down = total(moved(values, direction, -STEP), coefficients).item_double();
        double difference = (up - down) / (2 * STEP);
        if (!(Math.abs(own - difference) <= GRADIENT_TOLERANCE * (1 + Math.abs(difference)))) {
            throw new AssertionError(
                    "the derivative by " + what + " is " + own + " where finite differences give " + difference);
        }
    }

    private static Map<String, Tensor> moved(Map<String, Tensor> values, Map<String, Tensor> direction, double step) {
        Map<String, Tensor> moved = new HashMap<>(values);
        direction.forEach((name, along) -> moved.put(
                name, Objects.requireNonNull(values.get(name)).detach().add(along.mul(new Scalar(step)))));
        return moved;
    }

    /** Adds up the outputs, each value times a random number that is drawn once. */
    private Tensor total(Map<String, Tensor> values, Map<String, Tensor> coefficients) {
        torch.manual_seed(SEED);
        Map<String, Tensor> fresh = new HashMap<>(values);
        values.forEach((name, value) -> {
            if (!value.requires_grad()) {
                fresh.put(name, value.clone()); // what moves in training starts the same in every run
            }
        });
        Map<String, Tensor> given = run(fresh, draw.isInTraining());
        Tensor total = null;
        Random random = new Random(SEED);
        for (ValueInfoProto output : model.getGraph().getOutputList()) {
            Tensor value = Objects.requireNonNull(given.get(output.getName()));
            if (!torch.isFloatingType(value.scalar_type())) {
                continue;
            }
            if (value.scalar_type().intern() != torch.ScalarType.Double) {
                throw new AssertionError("the output " + output.getName() + " left double precision");
            }
            Tensor coefficient = coefficients.computeIfAbsent(
                    output.getName(),
                    name -> shaped(random.doubles(value.numel(), -1, 1).toArray(), value));
            Tensor part = value.mul(coefficient).sum();
            total = total == null ? part : total.add(part);
        }
        if (total == null) {
            throw new AssertionError("no output is a float");
        }
        return total;
    }
}
