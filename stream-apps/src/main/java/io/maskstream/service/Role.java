package io.maskstream.service;

/** Who may use a route; each role includes those before it. */
public enum Role {
    /** Anyone, without a token. */
    PUBLIC,
    /** May look at figures, images and masks. */
    VIEWER,
    /** May answer label tasks as well. */
    ANNOTATOR,
    /** May change how the loop runs as well. */
    OPERATOR;

    /** Says whether someone of this role may use what is open to the other. */
    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
