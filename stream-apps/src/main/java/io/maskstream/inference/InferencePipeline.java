package io.maskstream.inference;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.segmentation.model.ModelRunException;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.service.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Takes records to their outcomes: decode threads, one thread that runs the model, encode threads.
 *
 * <p>Work overlaps and may finish in any order; {@link InFlight} puts it back in order. The loop bounds how much work there
 * is, {@link DecodedBudget} how many decoded bytes. Work on an image that cannot be processed ends in a dead letter; what
 * is wrong with the stage itself stops the stage.
 */
final class InferencePipeline implements AutoCloseable {
    private static final String STAGE = "inference";
    private static final long IDLE_MILLIS = 50;
    private static final long CLOSE_SECONDS = 30;

    /** So many images in a row that the model fails on are the model's fault, not the images'. */
    private static final int MOST_FAILURES_IN_A_ROW = 64;

    /** The largest prediction that is sent; its topic takes a little more. */
    private static final int MOST_PREDICTION_BYTES = Topics.MAX_MESSAGE_BYTES - 64 * 1024;

    private final InferenceConfig config;
    private final ArrivedImages images;
    private final Topic<String, Prediction> predictions;
    private final Topic<String, DeadLetter> deadLetters;
    private final ServingSlot slot;
    private final InferenceMetrics metrics;
    private final DecodedBudget budget;
    private final BlockingQueue<Item> ready = new LinkedBlockingQueue<>();
    private final ExecutorService decoders;
    private final ExecutorService encoders;
    private final Thread runner;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean closing;
    private int failuresInARow;

    InferencePipeline(
            InferenceConfig config, Topics topics, ArrivedImages images, ServingSlot slot, InferenceMetrics metrics) {
        this.config = config;
        this.images = images;
        this.predictions = topics.predictions();
        this.deadLetters = topics.deadLetters();
        this.slot = slot;
        this.metrics = metrics;
        this.budget = new DecodedBudget(config.maxDecodedBytes());
        this.decoders = Executors.newFixedThreadPool(config.decodeThreads(), named("inference-decode-"));
        this.encoders = Executors.newFixedThreadPool(config.encodeThreads(), named("inference-encode-"));
        this.runner = new Thread(this::runBatches, "inference-model");
        this.runner.start();
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> new Thread(task, prefix + count.incrementAndGet());
    }

    /** An image that waits for its batch. */
    private static final class Item {
        final Work work;
        final ArrivedImages.Encoded encoded;
        final RgbImage pixels;
        final DecodedBudget.Share share;
        final double decodeMillis;
        final long readyAt = System.nanoTime();
        PreparedImage prepared;
        ServingModel preparedBy;

        Item(
                Work work,
                ArrivedImages.Encoded encoded,
                RgbImage pixels,
                DecodedBudget.Share share,
                ServingModel model,
                long start) {
            this.work = work;
            this.encoded = encoded;
            this.pixels = pixels;
            this.share = share;
            this.prepared = model.model().prepare(pixels);
            this.preparedBy = model;
            this.decodeMillis = (System.nanoTime() - start) / 1e6;
        }

        /** Returns the input for a model; it is made anew if the model changed since. */
        PreparedImage preparedFor(ServingModel model) {
            if (!preparedBy.equals(model)) {
                prepared = model.model().prepare(pixels);
                preparedBy = model;
            }
            return prepared;
        }
    }

    /** Takes a record in; its outcome comes later. */
    void submit(Work work) {
        decoders.execute(guarded(() -> decode(work)));
    }

    /** Throws what stopped the pipeline, if something did. */
    void throwFailure() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("the inference pipeline stopped: " + cause, cause);
        }
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    private Runnable guarded(Step step) {
        return () -> {
            try {
                step.run();
            } catch (InterruptedException | RejectedExecutionException e) {
                if (!closing) {
                    failure.compareAndSet(null, e);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        };
    }

    private void decode(Work work) throws InterruptedException {
        if (work.isDropped()) {
            return;
        }
        long start = System.nanoTime();
        DecodedBudget.Share share = null;
        try {
            ArrivedImages.Encoded encoded = images.read(work.record());
            share = budget.take(encoded.decodedBytes());
            ServingModel model = slot.current();
            if (model == null) {
                throw new IllegalStateException("an image was read while there is no model");
            }
            Item item = new Item(work, encoded, images.decode(encoded), share, model, start);
            metrics.decode.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            share = null; // from here on the item's
            ready.put(item);
        } catch (MalformedImageException | StackOverflowError e) {
            refuse(work, e);
        } finally {
            if (share != null) {
                share.giveBack();
            }
        }
    }

    private void runBatches() {
        guarded(() -> {
                    while (!closing) {
                        List<Item> batch = nextBatch();
                        ServingModel model = slot.advance();
                        if (model != null && !batch.isEmpty()) {
                            run(model, batch);
                        }
                    }
                })
                .run();
    }

    /** Waits for a full batch, or for as long as the first of a smaller one may wait; empty after a while without any. */
    private List<Item> nextBatch() throws InterruptedException {
        List<Item> batch = new ArrayList<>(config.batchSize());
        if (slot.current() == null) {
            slot.awaitOffer(IDLE_MILLIS);
            return batch;
        }
        Item first = ready.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        if (first == null) {
            return batch;
        }
        add(first, batch);
        long deadline = first.readyAt + config.maxWait().toNanos();
        while (batch.size() < config.batchSize()) {
            Item next = ready.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            add(next, batch);
        }
        return batch;
    }

    private static void add(Item item, List<Item> batch) {
        if (item.work.isDropped()) {
            item.share.giveBack();
        } else {
            batch.add(item);
        }
    }

    private void run(ServingModel model, List<Item> batch) {
        long start = System.nanoTime();
        List<PreparedImage> inputs = new ArrayList<>();
        batch.forEach(item -> inputs.add(item.preparedFor(model)));
        List<ModelOutput> outputs;
        try {
            outputs = model.model().runPrepared(inputs);
            failuresInARow = 0;
        } catch (ModelRunException e) {
            if (batch.size() == 1) {
                fail(batch.get(0), model, e);
            } else {
                batch.forEach(item -> run(model, List.of(item))); // one image must not take the others with it
            }
            return;
        }
        long end = System.nanoTime();
        metrics.batches.increment();
        metrics.batchSize.record(batch.size());
        metrics.run.record(end - start, TimeUnit.NANOSECONDS);
        double runMillis = (end - start) / 1e6;
        for (int i = 0; i < batch.size(); i++) {
            Item item = batch.get(i);
            ModelOutput output = outputs.get(i);
            metrics.queue.record(Math.max(0, start - item.readyAt), TimeUnit.NANOSECONDS);
            Predictions.Timings timings = new Predictions.Timings(
                    item.decodeMillis, (start - item.readyAt) / 1e6, runMillis, 0, batch.size());
            encoders.execute(guarded(() -> encode(item, model, output, timings)));
        }
    }

    private void fail(Item item, ServingModel model, ModelRunException cause) {
        item.share.giveBack();
        if (++failuresInARow > MOST_FAILURES_IN_A_ROW) {
            throw new IllegalStateException(
                    "the model " + model.version() + " failed on " + failuresInARow
                            + " images in a row; release another one",
                    cause);
        }
        refuse(item.work, cause);
    }

    private void encode(Item item, ServingModel model, ModelOutput output, Predictions.Timings timings) {
        try {
            if (item.work.isDropped()) {
                return;
            }
            long start = System.nanoTime();
            Prediction prediction = Predictions.of(
                    item.encoded.event(), model.version(), model.round(), model.form(), output, timings, Instant.now());
            byte[] value = predictions.value().serializer().serialize(predictions.name(), prediction);
            metrics.encode.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            if (value.length > MOST_PREDICTION_BYTES) {
                throw new MalformedImageException("its prediction has " + value.length + " bytes, more than the "
                        + MOST_PREDICTION_BYTES + " that the topic takes; publish it smaller or by reference");
            }
            item.work.finish(new Work.Outcome(
                    predictions.name(),
                    bytes(item.encoded.event().getId()),
                    value,
                    item.encoded.event().getPublishedAt()));
        } catch (MalformedImageException | SerializationException e) {
            refuse(item.work, e);
        } finally {
            item.share.giveBack();
        }
    }

    private void refuse(Work work, Throwable cause) {
        DeadLetter letter = DeadLetters.of(STAGE, work.record(), cause, Instant.now());
        byte[] value = deadLetters.value().serializer().serialize(deadLetters.name(), letter);
        work.finish(new Work.Outcome(deadLetters.name(), bytes(DeadLetters.keyOf(letter)), value, null));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Ends the threads; work that has no outcome by then gets none. The slot may be closed afterwards. */
    @Override
    public void close() {
        closing = true;
        decoders.shutdownNow();
        runner.interrupt();
        boolean interrupted = false;
        try {
            runner.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            encoders.shutdownNow();
            if (!decoders.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
                    || !encoders.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
                    || runner.isAlive()) {
                throw new IllegalStateException("the inference pipeline did not end within " + CLOSE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
