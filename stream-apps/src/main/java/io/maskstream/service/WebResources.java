package io.maskstream.service;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Pages and libraries on the class path: {@code /web/<page>/…} is ours, {@code /webjars/<library>/…} others'. */
final class WebResources {
    private static final Pattern SAFE =
            Pattern.compile("[A-Za-z0-9_@-][A-Za-z0-9._@-]*(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)*");
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"));

    private WebResources() {}

    /** Returns a file under {@code /web}, or null if there is none; the path is relative and has no dots at the front. */
    static byte @Nullable [] page(String path) throws IOException {
        return isSafe(path) ? read("web/" + path) : null;
    }

    /** Returns a file of a WebJar, the version in the path left out or given, or null if there is none. */
    static byte @Nullable [] library(String path) throws IOException {
        if (!isSafe(path)) {
            return null;
        }
        byte[] exact = read("META-INF/resources/webjars/" + path);
        int slash = path.indexOf('/');
        if (exact != null || slash < 0) {
            return exact;
        }
        String artifact = path.substring(0, slash);
        byte[] pom = read("META-INF/maven/org.webjars.npm/" + artifact + "/pom.properties");
        if (pom == null) {
            return null;
        }
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(pom));
        return read("META-INF/resources/webjars/" + artifact + "/" + properties.getProperty("version")
                + path.substring(slash));
    }

    /** Returns the content type of a file by the end of its name. */
    static String typeOf(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(extension, "application/octet-stream");
    }

    private static boolean isSafe(String path) {
        return SAFE.matcher(path).matches() && !path.contains("..");
    }

    private static byte @Nullable [] read(String resource) throws IOException {
        try (InputStream in = WebResources.class.getClassLoader().getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        }
    }
}
