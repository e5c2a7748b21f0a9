package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.segmentation.mask.ClassList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a model file says about itself, kept in the {@code metadata_props} of ONNX under {@code maskstream.}.
 *
 * @param line the model line; one line serves one stream
 * @param version unique name of the version
 * @param round rounds of learning behind it, 0 before any
 * @param classes the classes, in the order of the logits
 * @param input how a picture becomes the graph's input
 * @param temperature what logits are divided by before the softmax, above 0
 * @param method the learning method, {@code none} for a starting model
 * @param dataHash SHA-256 of what it was trained on, empty for nothing
 * @param figures figures of the training by name
 * @param frozen patterns of the weights that no training changes, as {@link FrozenWeights} reads them
 */
public record ModelMetadata(
        String line,
        String version,
        int round,
        ClassList classes,
        ModelInput input,
        double temperature,
        String method,
        String dataHash,
        Map<String, Double> figures,
        List<String> frozen) {
    private static final String PREFIX = "maskstream.";
    private static final int MAX_VALUE = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    public ModelMetadata {
        figures = Collections.unmodifiableMap(new TreeMap<>(figures));
        frozen = List.copyOf(frozen);
        if (line.isBlank() || version.isBlank()) {
            throw new IllegalArgumentException(
                    "a model has a line and a version, found '" + line + "' and '" + version + "'");
        }
        if (round < 0) {
            throw new IllegalArgumentException("rounds of learning are counted from 0, found " + round);
        }
        if (!(temperature > 0) || !Double.isFinite(temperature)) {
            throw new IllegalArgumentException("a temperature is finite and above 0, found " + temperature);
        }
        if (classes.size() < 2) {
            throw new IllegalArgumentException(
                    "a segmentation model tells at least 2 classes apart, found " + classes.names());
        }
    }

    /** Returns the metadata of a model that has learned nothing yet. */
    public static ModelMetadata starting(String line, String version, ClassList classes, ModelInput input) {
        return new ModelMetadata(line, version, 0, classes, input, 1, "none", "", Map.of(), List.of());
    }

    /** Returns this of another version, made by a round of learning. */
    public ModelMetadata learned(
            String newVersion, int newRound, String newMethod, String newDataHash, Map<String, Double> newFigures) {
        return with(draft -> {
            draft.version = newVersion;
            draft.round = newRound;
            draft.method = newMethod;
            draft.dataHash = newDataHash;
            draft.figures = newFigures;
        });
    }

    /** Returns this under a line and version. */
    public ModelMetadata named(String newLine, String newVersion) {
        return with(draft -> {
            draft.line = newLine;
            draft.version = newVersion;
        });
    }

    /** Returns this with another temperature. */
    public ModelMetadata withTemperature(double newTemperature) {
        return with(draft -> draft.temperature = newTemperature);
    }

    /** Returns this with other classes. */
    public ModelMetadata withClasses(ClassList newClasses) {
        return with(draft -> draft.classes = newClasses);
    }

    /** Returns this with another input. */
    public ModelMetadata withInput(ModelInput newInput) {
        return with(draft -> draft.input = newInput);
    }

    /** Returns this with other patterns of weights that stay as they are. */
    public ModelMetadata withFrozen(List<String> newFrozen) {
        return with(draft -> draft.frozen = newFrozen);
    }

    private ModelMetadata with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finished();
    }

    /** The components, open to change: every copy is made in this one place. */
    private static final class Draft {
        private String line;
        private String version;
        private int round;
        private ClassList classes;
        private ModelInput input;
        private double temperature;
        private String method;
        private String dataHash;
        private Map<String, Double> figures;
        private List<String> frozen;

        private Draft(ModelMetadata from) {
            line = from.line;
            version = from.version;
            round = from.round;
            classes = from.classes;
            input = from.input;
            temperature = from.temperature;
            method = from.method;
            dataHash = from.dataHash;
            figures = from.figures;
            frozen = from.frozen;
        }

        private ModelMetadata finished() {
            return new ModelMetadata(
                    line, version, round, classes, input, temperature, method, dataHash, figures, frozen);
        }
    }

    /** Says whether the model carries metadata of ours at all. */
    public static boolean isIn(ModelProto model) {
        return model.getMetadataPropsList().stream().anyMatch(p -> p.getKey().equals(PREFIX + "classes"));
    }

    /**
     * Reads the metadata.
     *
     * @throws ModelFormatException if a key is missing or its value does not fit, naming the key
     */
    public static ModelMetadata read(ModelProto model) throws ModelFormatException {
        Map<String, String> props = new HashMap<>();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (entry.getKey().startsWith(PREFIX)) {
                if (entry.getValue().length() > MAX_VALUE) {
                    throw new ModelFormatException("the metadata " + entry.getKey() + " is too long");
                }
                props.put(entry.getKey().substring(PREFIX.length()), entry.getValue());
            }
        }
        try {
            ClassList classes = new ClassList(
                    json(props, "classes", new TypeReference<List<String>>() {}),
                    json(props, "palette", new TypeReference<List<Integer>>() {}));
            ModelInput input = new ModelInput(
                    Integer.parseInt(text(props, "input.height")),
                    Integer.parseInt(text(props, "input.width")),
                    ModelInput.SizePolicy.valueOf(text(props, "input.size-policy")),
                    Integer.parseInt(text(props, "input.multiple")),
                    json(props, "input.mean", new TypeReference<List<Float>>() {}),
                    json(props, "input.std", new TypeReference<List<Float>>() {}));
            return new ModelMetadata(
                    text(props, "line"),
                    text(props, "version"),
                    Integer.parseInt(text(props, "round")),
                    classes,
                    input,
                    Double.parseDouble(text(props, "temperature")),
                    text(props, "method"),
                    text(props, "data-hash"),
                    json(props, "figures", new TypeReference<Map<String, Double>>() {}),
                    props.containsKey("frozen")
                            ? json(props, "frozen", new TypeReference<List<String>>() {})
                            : List.of());
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new ModelFormatException("the model's metadata does not hold: " + e.getMessage(), e);
        }
    }

    /** Returns the model with this metadata in place of what it had; keys of others stay. */
    public ModelProto writeTo(ModelProto model) {
        ModelProto.Builder builder = model.toBuilder().clearMetadataProps();
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            if (!entry.getKey().startsWith(PREFIX)) {
                builder.addMetadataProps(entry);
            }
        }
        put(builder, "line", line);
        put(builder, "version", version);
        put(builder, "round", Integer.toString(round));
        put(builder, "classes", json(classes.names()));
        put(builder, "palette", json(classes.rgb()));
        put(builder, "input.height", Integer.toString(input.height()));
        put(builder, "input.width", Integer.toString(input.width()));
        put(builder, "input.size-policy", input.sizePolicy().name());
        put(builder, "input.multiple", Integer.toString(input.multiple()));
        put(builder, "input.mean", json(input.mean()));
        put(builder, "input.std", json(input.std()));
        put(builder, "temperature", Double.toString(temperature));
        put(builder, "method", method);
        put(builder, "data-hash", dataHash);
        put(builder, "figures", json(figures));
        put(builder, "frozen", json(frozen));
        return builder.build();
    }

    private static void put(ModelProto.Builder model, String key, String value) {
        model.addMetadataPropsBuilder().setKey(PREFIX + key).setValue(value);
    }

    private static String text(Map<String, String> props, String key) throws ModelFormatException {
        String value = props.get(key);
        if (value == null) {
            throw new ModelFormatException("the model lacks the metadata " + PREFIX + key
                    + "; it was not written by Maskstream. Use `models import` to bring a model of your own");
        }
        return value;
    }

    private static <T> T json(Map<String, String> props, String key, TypeReference<T> type)
            throws ModelFormatException {
        String value = text(props, key);
        try {
            T read = JSON.readValue(value, type);
            if (read == null) {
                throw new ModelFormatException("the metadata " + PREFIX + key + " is null");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new ModelFormatException("the metadata " + PREFIX + key + " is not the JSON expected there", e);
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
