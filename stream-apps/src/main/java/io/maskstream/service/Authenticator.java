package io.maskstream.service;

import io.maskstream.segmentation.image.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Knows the tokens, and whose they are.
 *
 * <p>Only digests are kept, and each is compared in the same time whether it matches or not, so that neither a memory
 * dump nor a stopwatch gives a token away. Without any token everyone is an operator; {@link HttpServer} then binds to
 * this machine only.
 */
public final class Authenticator {
    private static final int SHORTEST_TOKEN = 16;

    private final List<Known> known;

    private record Known(Identity identity, Bytes digest) {}

    private Authenticator(List<Known> known) {
        this.known = List.copyOf(known);
    }

    /** Returns an authenticator without tokens, for a server that only this machine reaches. */
    public static Authenticator open() {
        return new Authenticator(List.of());
    }

    /**
     * Reads the tokens of a configuration, from its list and its file.
     *
     * @throws IllegalArgumentException if a token is malformed or too short, naming its holder and never the token
     * @throws IOException if the file cannot be read
     */
    public static Authenticator of(HttpConfig config) throws IOException {
        List<Known> known = new ArrayList<>();
        for (String line : config.tokens()) {
            known.add(parse(line, "http.tokens"));
        }
        Path file = config.tokensFile();
        if (file != null) {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    known.add(parse(line.strip(), file.toString()));
                }
            }
        }
        return new Authenticator(known);
    }

    /** Says whether there are no tokens, so that nobody is asked for one. */
    public boolean isOpen() {
        return known.isEmpty();
    }

    /** Returns whose token this is, or null if it is nobody's. */
    public @Nullable Identity identify(@Nullable String token) {
        if (isOpen()) {
            return Identity.LOCAL;
        }
        if (token == null) {
            return null;
        }
        byte[] digest = sha256(token);
        Identity found = null;
        for (Known one : known) { // all of them, so that the time does not depend on which one matches
            if (MessageDigest.isEqual(one.digest.toArray(), digest)) {
                found = one.identity;
            }
        }
        return found;
    }

    private static Known parse(String line, String where) {
        String[] parts = line.split(":", 3);
        if (parts.length != 3 || parts[0].isBlank()) {
            throw new IllegalArgumentException(where + ": expected name:role:token, one for each person");
        }
        Role role;
        try {
            role = Role.valueOf(parts[1].strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    where + ": the role of " + parts[0] + " must be viewer, annotator or operator", e);
        }
        String token = parts[2].strip();
        if (token.length() < SHORTEST_TOKEN) {
            throw new IllegalArgumentException(where + ": the token of " + parts[0] + " has " + token.length()
                    + " characters; use at least " + SHORTEST_TOKEN + ", such as the output of: openssl rand -hex 16");
        }
        return new Known(new Identity(parts[0].strip(), role), Bytes.wrap(sha256(token)));
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
