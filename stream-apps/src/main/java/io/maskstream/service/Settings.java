package io.maskstream.service;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a process: one YAML file, over it the environment, over it the flags of the command line.
 *
 * <p>{@link #bind} turns the keys under a prefix into a record whose components have their names in kebab case; what is not
 * set keeps the value of the record's {@code static X defaults()}. The environment names a key in capitals, {@code
 * MASKSTREAM_INFERENCE_BATCH_SIZE} for {@code inference.batch-size}. A key that no record has is an error, and {@link #check}
 * reports all problems at once.
 *
 * <p>Durations are {@code 250ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 7d} or ISO 8601; lists are YAML lists or commas.
 */
public final class Settings {
    /** How the name of an environment variable starts. */
    public static final String ENVIRONMENT_PREFIX = "MASKSTREAM_";

    private static final Pattern SERVICE_LINK = Pattern.compile(".*(_SERVICE_HOST|_SERVICE_PORT.*|_PORT(_\\d+_.*)?)");
    private static final int FILE_ORDINAL = 100;
    private static final int ENVIRONMENT_ORDINAL = 300;
    private static final int FLAG_ORDINAL = 400;

    private final SmallRyeConfig fileAndFlags;
    private final Map<String, String> environment;
    private final TreeSet<String> known = new TreeSet<>();
    private final TreeSet<String> knownPrefixes = new TreeSet<>();
    private final TreeSet<String> problems = new TreeSet<>();

    private Settings(SmallRyeConfig fileAndFlags, Map<String, String> environment) {
        this.fileAndFlags = fileAndFlags;
        this.environment = new TreeMap<>(environment);
        this.environment.keySet().removeIf(name -> !name.startsWith(ENVIRONMENT_PREFIX) || isServiceLink(name));
    }

    /**
     * Reads the sources; binding comes after.
     *
     * @param yaml the file, or null for none
     * @param environment as {@link System#getenv()}
     * @param flags keys to values, from the command line
     * @throws SettingsException if the file cannot be read or is no YAML
     */
    public static Settings load(@Nullable Path yaml, Map<String, String> environment, Map<String, String> flags) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder();
        if (yaml != null) {
            try {
                builder.withSources(new YamlConfigSource(yaml.toString(), Files.readString(yaml), FILE_ORDINAL));
            } catch (IOException e) {
                throw new SettingsException(List.of("cannot read " + yaml + ": " + e.getMessage()));
            } catch (RuntimeException e) {
                throw new SettingsException(List.of(yaml + " is not YAML: " + e.getMessage()));
            }
        }
        builder.withSources(new PropertiesConfigSource(flags, "flags", FLAG_ORDINAL));
        return new Settings(builder.build(), environment);
    }

    /** Returns settings from flags alone. */
    public static Settings of(Map<String, String> flags) {
        return load(null, Map.of(), flags);
    }

    /**
     * Binds the keys under a prefix to a record. A wrong value is remembered for {@link #check}, and the default stands in.
     *
     * @param type a record with {@code static X defaults()}
     */
    public <R extends Record> R bind(String prefix, Class<R> type) {
        return type.cast(new RecordBinder(this).bind(prefix, type, RecordBinder.defaultsOf(type)));
    }

    /** As {@link #bind(String, Class)}, with defaults of the caller's choice. */
    public <R extends Record> R bind(String prefix, Class<R> type, R defaults) {
        return type.cast(new RecordBinder(this).bind(prefix, type, defaults));
    }

    /** Makes the keys of a record known without binding it, as when another process of the same file uses them. */
    public <R extends Record> void declare(String prefix, Class<R> type) {
        TreeSet<String> before = new TreeSet<>(problems);
        bind(prefix, type);
        problems.retainAll(before);
    }

    /** Returns every key under a prefix with its value, the prefix cut off; any key goes. */
    public Map<String, String> map(String prefix) {
        knownPrefixes.add(prefix + ".");
        Map<String, String> values = new TreeMap<>();
        for (String name : fileAndFlags.getPropertyNames()) {
            String plain = unquoted(name);
            if (plain.startsWith(prefix + ".")) {
                String value = raw(name);
                if (value != null) {
                    values.put(plain.substring(prefix.length() + 1), value);
                }
            }
        }
        String start = environmentName(prefix) + "_";
        environment.forEach((name, value) -> {
            if (name.startsWith(start)) {
                values.put(
                        name.substring(start.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        return values;
    }

    /**
     * Ends the binding.
     *
     * @throws SettingsException with every problem there is: unknown keys, and values that could not be bound
     */
    public void check() {
        TreeSet<String> all = new TreeSet<>(problems);
        for (String name : fileAndFlags.getPropertyNames()) {
            String key = unquoted(name).replaceFirst("\\[\\d+].*$", "");
            if (!isKnown(key)) {
                all.add(key + ": there is no such setting" + suggestion(key, known));
            }
        }
        Map<String, String> byEnvironmentName = new HashMap<>();
        known.forEach(key -> byEnvironmentName.put(environmentName(key), key));
        for (String name : environment.keySet()) {
            boolean prefixed = knownPrefixes.stream()
                    .anyMatch(
                            prefix -> name.startsWith(environmentName(prefix.substring(0, prefix.length() - 1)) + "_"));
            if (!byEnvironmentName.containsKey(name) && !prefixed) {
                all.add(name + ": there is no such setting" + suggestion(name, byEnvironmentName.keySet()));
            }
        }
        if (!all.isEmpty()) {
            throw new SettingsException(List.copyOf(all));
        }
    }

    /** Returns the value of a key from the strongest source that has it, or null; the key is known from then on. */
    @Nullable
    String value(String key) {
        known.add(key);
        // The environment stands between the file and the flags.
        String fromEnvironment = environment.get(environmentName(key));
        String fromSources = raw(key);
        if (fromEnvironment == null) {
            return fromSources;
        }
        boolean flag = fromSources != null && fileAndFlags.getConfigValue(key).getSourceOrdinal() > ENVIRONMENT_ORDINAL;
        return flag ? fromSources : fromEnvironment;
    }

    private @Nullable String raw(String name) {
        return fileAndFlags.getConfigValue(name).getValue();
    }

    /** Returns the items of a list, or null if it is not set. */
    @Nullable
    List<String> list(String key) {
        String joined = value(key);
        List<String> indexed = new ArrayList<>();
        for (String item = raw(key + "[0]"); item != null; ) {
            indexed.add(item);
            item = raw(key + "[" + indexed.size() + "]");
        }
        if (joined != null && (indexed.isEmpty() || environment.containsKey(environmentName(key)))) {
            return joined.isBlank() ? List.of() : List.of(joined.strip().split("\\s*,\\s*"));
        }
        return indexed.isEmpty() ? null : indexed;
    }

    /** Remembers a problem for {@link #check}. */
    void problem(String text) {
        problems.add(text);
    }

    private boolean isKnown(String key) {
        return known.contains(key) || knownPrefixes.stream().anyMatch(key::startsWith);
    }

    /** Kubernetes gives every container variables for each service, and a service may be named after the product. */
    private static boolean isServiceLink(String name) {
        return SERVICE_LINK.matcher(name).matches() && !name.equals("MASKSTREAM_HTTP_PORT");
    }

    private static String environmentName(String key) {
        return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static String unquoted(String name) {
        return name.replace("\"", "");
    }

    private static String suggestion(String wrong, Iterable<String> candidates) {
        String nearest = null;
        int distance = Math.max(3, wrong.length() / 3);
        for (String candidate : candidates) {
            int other = editDistance(wrong, candidate);
            if (other < distance) {
                distance = other;
                nearest = candidate;
            }
        }
        return nearest == null ? "" : "; did you mean " + nearest + "?";
    }

    private static int editDistance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
