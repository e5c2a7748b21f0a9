package io.maskstream.segmentation.dataset;

import java.io.IOException;

/** A folder is not the data set it should be; the message names the file and what to do. */
public final class DatasetException extends IOException {
    private static final long serialVersionUID = 1;

    /** Reports what is wrong with the folder. */
    public DatasetException(String message) {
        super(message);
    }

    /** Reports what is wrong with the folder, and what reading it said. */
    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }
}
