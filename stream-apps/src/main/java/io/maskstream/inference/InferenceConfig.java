package io.maskstream.inference;

import io.maskstream.segmentation.model.Device;
import java.time.Duration;

/**
 * The settings of inference, read once in {@code main}.
 *
 * @param line {@code inference.line}: the model line that is served
 * @param device {@code inference.device}: {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
 * @param form {@code inference.form}: the numeric form that is served; {@code auto} takes float16 on CUDA and float32 on
 *     the processor. A release without that form, or whose form did not pass its gate, serves in float32
 * @param threads {@code inference.threads}: threads of one run of the model on the CPU; 0 lets ONNX Runtime choose
 * @param batchSize {@code inference.batch-size}: images per run of the model, at least 1
 * @param maxWait {@code inference.max-wait}: how long a batch that is not full may wait for more images
 * @param decodeThreads {@code inference.decode-threads}: threads that decode images
 * @param encodeThreads {@code inference.encode-threads}: threads that encode masks and maps
 * @param maxInFlight {@code inference.max-in-flight}: images between being read and being sent, above which reading pauses
 * @param maxDecodedBytes {@code inference.max-decoded-bytes}: decoded pixels held at once, over all images
 * @param maxImageBytes {@code inference.max-image-bytes}: the largest encoded image taken
 * @param maxImagePixels {@code inference.max-image-pixels}: the largest image taken, in pixels
 * @param commitInterval {@code inference.commit-interval}: how long finished predictions may wait for their transaction
 * @param transactionTimeout {@code inference.transaction-timeout}: after which the brokers end the transaction of a process
 *     that died, so that what it had not committed is taken over
 * @param trialTimeout {@code inference.trial-timeout}: how long the trial run of a new model may take
 * @param trialHeapMb {@code inference.trial-heap-mb}: heap of the trial's process, in MiB
 * @param group {@code inference.group}: consumer group of all processes that share this stage
 * @param instance {@code inference.instance}: a name of this process that stays the same over restarts and is unique in
 *     the group, so that a restart ends at once what the process before it left open; empty draws one
 */
public record InferenceConfig(
        String line,
        String device,
        FormChoice form,
        int threads,
        int batchSize,
        Duration maxWait,
        int decodeThreads,
        int encodeThreads,
        int maxInFlight,
        long maxDecodedBytes,
        long maxImageBytes,
        long maxImagePixels,
        Duration commitInterval,
        Duration transactionTimeout,
        Duration trialTimeout,
        int trialHeapMb,
        String group,
        String instance) {

    public InferenceConfig {
        check(!line.isBlank(), "inference.line", "a name", line);
        Device.parse(device);
        check(threads >= 0, "inference.threads", "0 or more", threads);
        check(batchSize >= 1, "inference.batch-size", "at least 1", batchSize);
        check(!maxWait.isNegative(), "inference.max-wait", "0 or more", maxWait);
        check(decodeThreads >= 1, "inference.decode-threads", "at least 1", decodeThreads);
        check(encodeThreads >= 1, "inference.encode-threads", "at least 1", encodeThreads);
        check(maxInFlight >= batchSize, "inference.max-in-flight", "at least the batch size " + batchSize, maxInFlight);
        check(maxDecodedBytes >= 1, "inference.max-decoded-bytes", "at least 1", maxDecodedBytes);
        check(maxImageBytes >= 1, "inference.max-image-bytes", "at least 1", maxImageBytes);
        check(maxImagePixels >= 1, "inference.max-image-pixels", "at least 1", maxImagePixels);
        check(isPositive(commitInterval), "inference.commit-interval", "more than 0", commitInterval);
        check(
                transactionTimeout.compareTo(commitInterval.multipliedBy(2)) >= 0,
                "inference.transaction-timeout",
                "at least twice inference.commit-interval",
                transactionTimeout);
        check(isPositive(trialTimeout), "inference.trial-timeout", "more than 0", trialTimeout);
        check(trialHeapMb >= 64, "inference.trial-heap-mb", "at least 64", trialHeapMb);
        check(!group.isBlank(), "inference.group", "a name", group);
    }

    /** Returns these with another number of threads. */
    public InferenceConfig withThreads(int newThreads) {
        return with(line, newThreads, group, instance);
    }

    /** Line {@code main} on the best device there is, batches of 8 that wait at most 20 ms. */
    public static InferenceConfig defaults() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new InferenceConfig(
                "main",
                "auto",
                FormChoice.AUTO,
                0,
                8,
                Duration.ofMillis(20),
                Math.max(1, processors / 2),
                Math.max(1, processors / 2),
                64,
                256L * 1024 * 1024,
                64L * 1024 * 1024,
                40_000_000L,
                Duration.ofMillis(100),
                Duration.ofSeconds(15),
                Duration.ofSeconds(60),
                512,
                "maskstream-inference",
                "");
    }

    /** Returns the same settings for another model line. */
    public InferenceConfig withLine(String other) {
        return with(other, threads, group, instance);
    }

    /** Returns the same settings in another consumer group, under another name of this process. */
    public InferenceConfig withGroup(String otherGroup, String otherInstance) {
        return with(line, threads, otherGroup, otherInstance);
    }

    /** Every copy is made here, so a new setting has one place to be carried over. */
    private InferenceConfig with(String newLine, int newThreads, String newGroup, String newInstance) {
        return new InferenceConfig(
                newLine,
                device,
                form,
                newThreads,
                batchSize,
                maxWait,
                decodeThreads,
                encodeThreads,
                maxInFlight,
                maxDecodedBytes,
                maxImageBytes,
                maxImagePixels,
                commitInterval,
                transactionTimeout,
                trialTimeout,
                trialHeapMb,
                newGroup,
                newInstance);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void check(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(key + " must be " + expected + ", not " + found);
        }
    }
}
