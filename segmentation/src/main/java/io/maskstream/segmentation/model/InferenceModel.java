package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A released model, run by ONNX Runtime.
 *
 * <p>A trainable graph is taken as well: it gets its {@link PseudoLabelHead} in memory. {@link #prepare} may be called by
 * any thread at any time; runs may overlap too, each takes its own buffers.
 */
public final class InferenceModel implements AutoCloseable {
    private final ModelMetadata metadata;
    private final ModelProto deployed;
    private final String inputName;
    private final Device device;
    private final int threads;
    private final OrtSession session;
    private @Nullable OrtSession probabilities;

    private InferenceModel(ModelMetadata metadata, ModelProto deployed, Sessions.Opened opened, int threads) {
        this.metadata = metadata;
        this.deployed = deployed;
        this.inputName = GraphView.inputs(deployed.getGraph()).get(0).getName();
        this.device = opened.device();
        this.threads = threads;
        this.session = opened.session();
    }

    /** Opens a file with as many threads as there are processors; see {@link #open(Path, Device, int)}. */
    public static InferenceModel open(Path file, Device device) throws IOException {
        return open(file, device, 0);
    }

    /**
     * Opens a file.
     *
     * @param threads threads of one operator, 0 for as many as there are processors
     * @throws ModelFormatException if the file is not a model that can be taken, with what is wrong
     * @throws IllegalArgumentException if CUDA is asked for and does not work; {@link Device#AUTO} takes the processor then
     */
    public static InferenceModel open(Path file, Device device, int threads) throws IOException {
        return of(ModelFile.read(file), device, threads);
    }

    /** Opens a model that is in memory, already checked by {@link ModelFile}; for the rest as {@link #open}. */
    public static InferenceModel of(ModelProto model, Device device, int threads) throws ModelFormatException {
        ModelMetadata metadata = ModelMetadata.read(model);
        ModelProto deployed = PseudoLabelHead.isAttached(model) ? model : PseudoLabelHead.attach(model);
        Sessions.Opened opened = Sessions.open(deployed.toByteArray(), device, threads);
        InferenceModel opening = new InferenceModel(metadata, deployed, opened, threads);
        try {
            opening.tryOnce();
        } catch (ModelFormatException | RuntimeException e) {
            opening.close();
            throw e;
        }
        return opening;
    }

    /** Runs a black picture, so that a graph whose shapes do not fit is refused when it is opened and not in the stream. */
    private void tryOnce() throws ModelFormatException {
        byte[] black = new byte[3 * metadata.input().height() * metadata.input().width()];
        RgbImage image =
                new RgbImage(metadata.input().height(), metadata.input().width(), Bytes.wrap(black));
        try (OnnxTensor input = tensor(List.of(prepare(image)));
                OrtSession.Result result = session.run(Map.of(inputName, input))) {
            HeadOutputs.requireShapes(result, metadata);
        } catch (OrtException e) {
            throw new ModelFormatException(
                    "ONNX Runtime fails on a picture of " + metadata.input().height() + "x"
                            + metadata.input().width() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Returns what the model says about itself. */
    public ModelMetadata metadata() {
        return metadata;
    }

    /** Returns where it runs; never automatic. */
    public Device device() {
        return device;
    }

    /** Runs pictures of any sizes and brings every answer back to its picture's own size. */
    public List<ModelOutput> run(List<RgbImage> images) {
        return runPrepared(images.stream().map(this::prepare).toList());
    }

    /** Resizes and normalises a picture. */
    public PreparedImage prepare(RgbImage image) {
        return PreparedImage.of(image, metadata.input());
    }

    /**
     * Runs prepared pictures, those of one size as one batch.
     *
     * @return one answer a picture, in the same order
     * @throws ModelRunException if ONNX Runtime fails or the model gives something that is no number
     */
    public List<ModelOutput> runPrepared(List<PreparedImage> images) {
        @Nullable ModelOutput[] outputs = new ModelOutput[images.size()];
        for (List<Integer> batch : bySize(images)) {
            List<PreparedImage> members = batch.stream().map(images::get).toList();
            List<ModelOutput> answers = runBatch(members);
            for (int i = 0; i < answers.size(); i++) {
                outputs[batch.get(i)] = answers.get(i);
            }
        }
        List<ModelOutput> inOrder = new ArrayList<>();
        for (ModelOutput output : outputs) {
            inOrder.add(Objects.requireNonNull(output));
        }
        return inOrder;
    }

    /**
     * Returns the class probabilities of a picture at the model's size, {@code [C, height, width]} row-major, after
     * temperature; from the graph without its head, so for evaluation and not for the stream.
     */
    public float[] probabilities(RgbImage image) {
        try {
            return runProbabilities(prepare(image));
        } catch (ModelFormatException e) {
            throw new ModelRunException("the model " + metadata.version() + " has no class scores", e);
        }
    }

    private synchronized float[] runProbabilities(PreparedImage image) throws ModelFormatException {
        if (probabilities == null) {
            ModelProto softmax = SoftmaxTail.attach(PseudoLabelHead.detach(deployed), metadata.temperature());
            probabilities =
                    Sessions.open(softmax.toByteArray(), device, threads).session();
        }
        try (OnnxTensor input = tensor(List.of(image));
                OrtSession.Result result = probabilities.run(Map.of(inputName, input))) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            return copy;
        } catch (OrtException e) {
            throw new ModelRunException("the model " + metadata.version() + " failed", e);
        }
    }

    private static Collection<List<Integer>> bySize(List<PreparedImage> images) {
        Map<Long, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < images.size(); i++) {
            long key = (long) images.get(i).height() << 32 | images.get(i).width();
            groups.computeIfAbsent(key, size -> new ArrayList<>()).add(i);
        }
        return groups.values();
    }

    private List<ModelOutput> runBatch(List<PreparedImage> images) {
        try (OnnxTensor input = tensor(images);
                OrtSession.Result result = session.run(Map.of(inputName, input))) {
            return HeadOutputs.read(result, images, metadata);
        } catch (OrtException e) {
            throw new ModelRunException("the model " + metadata.version() + " failed", e);
        }
    }

    private static OnnxTensor tensor(List<PreparedImage> images) throws OrtException {
        int height = images.get(0).height();
        int width = images.get(0).width();
        int values = Math.multiplyExact(Math.multiplyExact(images.size(), 3), Math.multiplyExact(height, width));
        FloatBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(4, values))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        images.forEach(image -> image.copyTo(buffer));
        long[] shape = {images.size(), 3, height, width};
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer.flip(), shape);
    }

    /** Frees the model; not while a run is going on. */
    @Override
    public synchronized void close() {
        try {
            session.close();
            if (probabilities != null) {
                probabilities.close();
                probabilities = null;
            }
        } catch (OrtException e) {
            throw new ModelRunException("the model " + metadata.version() + " could not be closed", e);
        }
    }
}
