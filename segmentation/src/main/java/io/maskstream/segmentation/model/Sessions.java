package io.maskstream.segmentation.model;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens ONNX Runtime sessions on the device that is asked for. */
final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final AtomicBoolean CHOICE_LOGGED = new AtomicBoolean();

    private Sessions() {}

    /** A session and where it runs. */
    record Opened(OrtSession session, Device device) {}

    /**
     * Opens a session.
     *
     * @param threads threads of one operator, 0 for as many as there are processors
     * @throws ModelFormatException if ONNX Runtime refuses the model
     * @throws IllegalArgumentException if CUDA is asked for and does not work
     */
    static Opened open(byte[] model, Device wanted, int threads) throws ModelFormatException {
        if (wanted.kind() == Device.Kind.CPU) {
            return new Opened(create(model, Device.CPU, threads), Device.CPU);
        }
        Device cuda = wanted.kind() == Device.Kind.CUDA ? wanted : new Device(Device.Kind.CUDA, 0);
        try {
            OrtSession session = createUnchecked(model, cuda, threads);
            logOnce(cuda, wanted, "CUDA works");
            return new Opened(session, cuda);
        } catch (OrtException | UnsatisfiedLinkError e) {
            if (wanted.kind() == Device.Kind.CUDA) {
                throw new IllegalArgumentException(
                        "inference on " + wanted + " does not work: " + firstLine(e)
                                + ". Build with -Pgpu and install the CUDA libraries, or use auto or cpu",
                        e);
            }
            logOnce(Device.CPU, wanted, firstLine(e));
            return new Opened(create(model, Device.CPU, threads), Device.CPU);
        }
    }

    /**
     * Opens a session on the processor that writes no log, for graphs whose failure is an answer.
     *
     * @throws ModelFormatException if ONNX Runtime refuses the model
     */
    static OrtSession openQuietly(byte[] model, OrtSession.SessionOptions.OptLevel level) throws ModelFormatException {
        try (OrtSession.SessionOptions options = options(0)) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(level);
            return OrtEnvironment.getEnvironment().createSession(model, options);
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    private static void logOnce(Device chosen, Device wanted, String reason) {
        if (CHOICE_LOGGED.compareAndSet(false, true)) {
            LOG.info("inference runs on {} (asked for {}: {})", chosen, wanted, reason);
        }
    }

    private static OrtSession create(byte[] model, Device device, int threads) throws ModelFormatException {
        try {
            return createUnchecked(model, device, threads);
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    private static ModelFormatException refused(OrtException e) {
        return new ModelFormatException("ONNX Runtime refuses the model: " + firstLine(e), e);
    }

    private static OrtSession createUnchecked(byte[] model, Device device, int threads) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = options(threads)) {
            if (device.kind() == Device.Kind.CUDA) {
                options.addCUDA(device.index());
            }
            return environment.createSession(model, options);
        }
    }

    private static OrtSession.SessionOptions options(int threads) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        if (threads > 0) {
            options.setIntraOpNumThreads(threads);
        }
        // A thread that spins for work takes the processor from decoding and from Kafka.
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    /** Returns the first line of what the runtime says; the others name its own source files. */
    static String firstLine(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
    }
}
