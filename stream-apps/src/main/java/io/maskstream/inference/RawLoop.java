package io.maskstream.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.PreparedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** ONNX Runtime by itself: a session and ready tensors, in a loop. The reference of {@link InferenceBench}. */
final class RawLoop implements AutoCloseable {
    private final OrtSession session;
    private final int batchSize;

    RawLoop(Path model, Device device, int threads, int batchSize) throws IOException {
        this.batchSize = batchSize;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            if (threads > 0) {
                options.setIntraOpNumThreads(threads);
            }
            if (device.kind() == Device.Kind.CUDA) {
                options.addCUDA(device.index());
            }
            this.session = OrtEnvironment.getEnvironment().createSession(model.toString(), options);
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime does not open " + model + ": " + e.getMessage(), e);
        }
    }

    /** Runs all images of one size in batches, once to warm up and once more, and returns how long the second time took. */
    long nanos(List<PreparedImage> images) throws IOException {
        List<OnnxTensor> batches = new ArrayList<>();
        try {
            for (int from = 0; from < images.size(); from += batchSize) {
                batches.add(tensor(images.subList(from, Math.min(images.size(), from + batchSize))));
            }
            String input = session.getInputNames().iterator().next();
            long start = 0;
            for (int pass = 0; pass < 2; pass++) {
                start = System.nanoTime();
                for (OnnxTensor batch : batches) {
                    session.run(Map.of(input, batch)).close();
                }
            }
            return System.nanoTime() - start;
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime failed: " + e.getMessage(), e);
        } finally {
            batches.forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(List<PreparedImage> images) throws OrtException {
        int height = images.get(0).height();
        int width = images.get(0).width();
        FloatBuffer values = ByteBuffer.allocateDirect(Math.multiplyExact(4 * 3 * images.size(), height * width))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        images.forEach(image -> image.copyTo(values));
        long[] shape = {images.size(), 3, height, width};
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values.flip(), shape);
    }

    @Override
    public void close() throws IOException {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime does not close: " + e.getMessage(), e);
        }
    }
}
