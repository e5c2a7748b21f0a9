package io.maskstream.service;

/** One stage of the loop as a process runs it: it starts, says whether it is well, and closes. */
public interface App extends AutoCloseable {

    /** Returns the stage's name in logs and in {@code /health}, such as {@code routing}. */
    String name();

    /** Starts the stage's threads and returns; called once. */
    void start();

    /** Says whether the stage still does its work; once false, the process ends with {@link ExitCode#STAGE_FAILED}. */
    boolean isHealthy();

    /** Stops the stage in order, and returns when its threads are gone. */
    @Override
    void close();
}
