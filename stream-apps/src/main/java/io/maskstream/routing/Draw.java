package io.maskstream.routing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A lottery without state: what an image draws follows from its id, a salt and the purpose alone.
 *
 * <p>So a replay draws the same, a restart forgets nothing, and the probability of being drawn is known exactly. The
 * purposes are independent of each other: that an image was drawn for the audit says nothing of the random arm.
 */
enum Draw {
    /** For the evaluation split; keyed by the digest of the bytes. */
    EVALUATION,
    /** For people while there is no champion. */
    COLD_START,
    /** For the comparison of selection with chance. */
    RANDOM_ARM,
    /** For the check of pseudo-labels. */
    AUDIT,
    /** For the order of tasks that were themselves drawn. */
    PRIORITY;

    /** Returns the image's number for this purpose, uniform in [0, 1). */
    double number(String key, String salt) {
        MessageDigest digest = sha256();
        digest.update(name().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(salt.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        long first64 = ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8)))
                .getLong();
        return (first64 >>> 11) * 0x1.0p-53;
    }

    /** Says whether the image is among the given share. */
    boolean takes(String key, String salt, double share) {
        return number(key, salt) < share;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
