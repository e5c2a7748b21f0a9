package io.maskstream.schemas.serde;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Tells Avro that the generated event classes may be made from a schema.
 *
 * <p>Since 1.12.2 Avro makes no class that it was not told to trust, so that a schema from outside cannot name an
 * arbitrary one. Whoever copies an event before any serde or topic was made calls {@link #install} first.
 */
public final class TrustedEvents {
    private static final String PACKAGE = "io.maskstream.schemas.event";

    static {
        ClassSecurityPredicate ours = type -> type.getPackageName().equals(PACKAGE);
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(ours, ClassSecurityValidator.getGlobal()));
    }

    private TrustedEvents() {}

    /** Adds the events to what is trusted already; a second call changes nothing. */
    public static void install() {
        // the static initialiser did it, once
    }
}
