package io.maskstream.service;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the HTTP server.
 *
 * @param bind {@code http.bind}: address to listen on; anything but a loopback address needs tokens
 * @param port {@code http.port}: port to listen on, 0 for any free one
 * @param hosts {@code http.hosts}: names that browsers may use for this server besides the address it is bound to
 * @param tokens {@code http.tokens}: {@code name:role:token} for each person, role viewer, annotator or operator
 * @param tokensFile {@code http.tokens-file}: a file with one such line for each person
 * @param publicMetrics {@code http.public-metrics}: whether {@code /metrics} is served without a token
 * @param maxBodyBytes {@code http.max-body-bytes}: largest request body, at least 1024
 */
public record HttpConfig(
        String bind,
        int port,
        List<String> hosts,
        List<String> tokens,
        @Nullable Path tokensFile,
        boolean publicMetrics,
        int maxBodyBytes) {
    private static final int DEFAULT_PORT = 8080;
    private static final int DEFAULT_BODY = 32 * 1024 * 1024;

    public HttpConfig {
        hosts = List.copyOf(hosts);
        tokens = List.copyOf(tokens);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("http.port must be in 0 to 65535, not " + port);
        }
        if (maxBodyBytes < 1024) {
            throw new IllegalArgumentException("http.max-body-bytes must be at least 1024, not " + maxBodyBytes);
        }
    }

    /** Returns the settings for use on this machine only. */
    public static HttpConfig defaults() {
        return new HttpConfig("127.0.0.1", DEFAULT_PORT, List.of(), List.of(), null, false, DEFAULT_BODY);
    }

    /** Returns the same settings with another port. */
    public HttpConfig withPort(int other) {
        return new HttpConfig(bind, other, hosts, tokens, tokensFile, publicMetrics, maxBodyBytes);
    }

    /**
     * Says whether only this machine reaches the server.
     *
     * @throws IllegalArgumentException if {@code http.bind} is no address of anything
     */
    boolean isLoopback() {
        try {
            for (InetAddress address : InetAddress.getAllByName(bind)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("http.bind: no such address: " + bind, e);
        }
    }

    @Override
    public String toString() { // without the tokens, since settings get logged
        return "HttpConfig[" + bind + ":" + port + "]";
    }
}
