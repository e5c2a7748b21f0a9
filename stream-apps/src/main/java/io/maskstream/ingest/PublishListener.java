package io.maskstream.ingest;

/** Told of each image as publishing goes on, for a progress bar. */
@FunctionalInterface
public interface PublishListener {
    /** A listener that does nothing. */
    PublishListener NONE = (done, total, name) -> {};

    /**
     * One more image was looked at.
     *
     * @param done images looked at so far
     * @param total images in all, or -1 if that is not known
     * @param name the image's file or name
     */
    void progressed(long done, long total, String name);
}
