package io.maskstream.cli.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the compose files say of a service; as much of the format as they use. */
final class ComposeFile {
    private static final Path DOCKER = Path.of("..", "docker").toAbsolutePath().normalize();

    /** The loop, and the embedded broker on top of it in place of Kafka's image. */
    static final List<Path> FILES =
            List.of(DOCKER.resolve("compose.yaml"), DOCKER.resolve("compose.embedded-broker.yaml"));

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::-([^}]*))?}");

    private final Map<String, Object> services = new LinkedHashMap<>();
    private final Map<String, Object> secrets = new LinkedHashMap<>();

    private ComposeFile() {}

    /** Reads the files, later ones over earlier ones: lists of volumes add up, everything else is replaced. */
    static ComposeFile read(Map<String, String> environment) throws IOException {
        ComposeFile file = new ComposeFile();
        for (Path path : FILES) {
            Map<String, Object> parsed = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(interpolate(Files.readString(path), environment));
            map(parsed.get("services")).forEach((service, settings) -> {
                Map<String, Object> merged = new LinkedHashMap<>(map(file.services.get(service)));
                map(settings).forEach((key, value) -> merged.merge(key, value, (old, now) -> merge(key, old, now)));
                file.services.put(service, merged);
            });
            file.secrets.putAll(map(parsed.get("secrets")));
        }
        return file;
    }

    String image(String service) {
        return String.valueOf(settings(service).get("image"));
    }

    List<String> list(String service, String key) {
        return strings(settings(service).get(key));
    }

    boolean flag(String service, String key) {
        return Boolean.TRUE.equals(settings(service).get(key));
    }

    /** Returns {@code NAME=value} for each variable. */
    List<String> environment(String service) {
        List<String> variables = new ArrayList<>();
        map(settings(service).get("environment")).forEach((name, value) -> variables.add(name + "=" + value));
        return variables;
    }

    /** Returns the services that have to be there before this one. */
    List<String> dependencies(String service) {
        return List.copyOf(map(settings(service).get("depends_on")).keySet());
    }

    /** Returns the program that says whether the service is well; null leaves that to the image. */
    @Nullable
    List<String> healthCheck(String service) {
        Map<String, Object> check = map(settings(service).get("healthcheck"));
        return check.containsKey("test") ? strings(check.get("test")) : null;
    }

    /** Returns what is mounted, as {@code source:target[:ro]}, the names of volumes with the project's in front. */
    List<String> mounts(String service, String project) {
        List<String> mounts = new ArrayList<>();
        for (String mount : list(service, "volumes")) {
            boolean file = mount.startsWith("/") || mount.startsWith(".");
            mounts.add(file ? DOCKER.resolve(mount).normalize().toString() : project + "_" + mount);
        }
        for (String secret : list(service, "secrets")) {
            mounts.add(DOCKER.resolve(String.valueOf(map(secrets.get(secret)).get("file"))) + ":/run/secrets/" + secret
                    + ":ro");
        }
        return mounts;
    }

    private Map<String, Object> settings(String service) {
        if (!services.containsKey(service)) {
            throw new IllegalArgumentException("there is no service " + service + "; there are " + services.keySet());
        }
        return map(services.get(service));
    }

    private static Object merge(String key, Object old, Object now) {
        if (!key.equals("volumes")) {
            return now;
        }
        List<String> both = new ArrayList<>(strings(old));
        both.addAll(strings(now));
        return both;
    }

    private static String interpolate(String text, Map<String, String> environment) {
        return VARIABLE.matcher(text).replaceAll(variable -> {
            String value = environment.get(variable.group(1));
            return Matcher.quoteReplacement(value != null ? value : String.valueOf(variable.group(2)));
        });
    }

    private static Map<String, Object> map(@Nullable Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> found) {
            found.forEach((key, item) -> map.put(String.valueOf(key), item));
        }
        return map;
    }

    private static List<String> strings(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }
}
