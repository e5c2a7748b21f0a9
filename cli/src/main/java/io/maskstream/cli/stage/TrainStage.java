package io.maskstream.cli.stage;

import io.maskstream.service.App;
import io.maskstream.trainer.run.TrainLoop;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The train loop as a stage of a process. */
public final class TrainStage implements App {
    private final TrainLoop loop;

    /** @param loop not started yet */
    public TrainStage(TrainLoop loop) {
        this.loop = loop;
    }

    @Override
    public String name() {
        return "trainer";
    }

    @Override
    public void start() {
        try {
            loop.start();
        } catch (IOException e) {
            throw new UncheckedIOException("the trainer could not start: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean isHealthy() {
        return loop.isHealthy();
    }

    @Override
    public void close() {
        loop.close();
    }
}
