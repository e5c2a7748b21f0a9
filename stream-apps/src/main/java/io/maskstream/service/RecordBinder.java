package io.maskstream.service;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a record from the settings under a prefix; what cannot be read is a problem of the settings, not an exception. */
final class RecordBinder {
    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

    private final Settings settings;

    RecordBinder(Settings settings) {
        this.settings = settings;
    }

    /** Returns what a record's {@code defaults()} gives. */
    static Record defaultsOf(Class<?> type) {
        try {
            Method method = type.getDeclaredMethod("defaults");
            method.setAccessible(true);
            Object defaults = method.invoke(null);
            if (defaults instanceof Record record) {
                return record;
            }
            throw new IllegalArgumentException(type.getName() + ".defaults() has to return a " + type.getSimpleName());
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(type.getName() + " has no static defaults()", e);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalArgumentException(type.getName() + ".defaults() failed", e);
        }
    }

    /** Returns the record, its unset components as in {@code defaults}; or {@code defaults} if a value is wrong. */
    Record bind(String prefix, Class<?> type, Record defaults) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            String key = prefix.isEmpty() ? kebab(component.getName()) : prefix + "." + kebab(component.getName());
            values[i] = component(key, component, read(component, defaults));
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return (Record) constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            settings.problem(prefix + ": " + cause.getMessage());
            return defaults;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " cannot be made", e);
        }
    }

    private @Nullable Object component(String key, RecordComponent component, @Nullable Object fallback) {
        Class<?> type = component.getType();
        if (type.isRecord()) {
            return bind(key, type, fallback instanceof Record record ? record : defaultsOf(type));
        }
        if (List.class.isAssignableFrom(type)) {
            List<String> items = settings.list(key);
            return items == null ? fallback : convertAll(key, items, argument(component, 0), fallback);
        }
        if (Map.class.isAssignableFrom(type)) {
            Map<String, String> entries = settings.map(key);
            return entries.isEmpty() ? fallback : convertAll(key, entries, argument(component, 1), fallback);
        }
        String text = settings.value(key);
        if (text == null) {
            return fallback;
        }
        if (text.isBlank() && (isNullable(component) || isNullable(component.getAnnotatedType()))) {
            return null;
        }
        return convert(key, text.strip(), type, fallback);
    }

    private @Nullable Object convertAll(String key, List<String> items, Class<?> type, @Nullable Object fallback) {
        List<Object> values = new ArrayList<>();
        for (String item : items) {
            Object value = convert(key, item, type, null);
            if (value == null) {
                return fallback;
            }
            values.add(value);
        }
        return values;
    }

    private @Nullable Object convertAll(
            String key, Map<String, String> entries, Class<?> type, @Nullable Object fallback) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            Object value = convert(key + "." + entry.getKey(), entry.getValue(), type, null);
            if (value == null) {
                return fallback;
            }
            values.put(entry.getKey(), value);
        }
        return values;
    }

    private @Nullable Object convert(String key, String text, Class<?> type, @Nullable Object fallback) {
        try {
            if (type == String.class) {
                return text;
            }
            if (type == int.class || type == Integer.class) {
                return Integer.valueOf(text.replace("_", ""));
            }
            if (type == long.class || type == Long.class) {
                return Long.valueOf(text.replace("_", ""));
            }
            if (type == double.class || type == Double.class) {
                return Double.valueOf(text);
            }
            if (type == boolean.class || type == Boolean.class) {
                return truth(text);
            }
            if (type == Path.class) {
                return Path.of(text);
            }
            if (type == Duration.class) {
                return duration(text);
            }
            if (type.isEnum()) {
                return constant(text, type);
            }
        } catch (NumberFormatException e) {
            settings.problem(key + ": expected a number, found \"" + text + "\"");
            return fallback;
        } catch (IllegalArgumentException e) {
            settings.problem(key + ": " + e.getMessage() + ", found \"" + text + "\"");
            return fallback;
        }
        throw new IllegalArgumentException(key + ": settings cannot be of " + type);
    }

    private static Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    private static Duration duration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("expected a duration such as 250ms, 10s, 5m, 2h or 7d", e);
        }
    }

    private static Object constant(String text, Class<?> type) {
        String wanted = text.toUpperCase(Locale.ROOT).replace('-', '_');
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name();
            if (name.equals(wanted)) {
                return constant;
            }
            names.add(name.toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        throw new IllegalArgumentException("expected one of " + String.join(", ", names));
    }

    private static boolean isNullable(AnnotatedElement element) {
        return element.isAnnotationPresent(Nullable.class);
    }

    private static Class<?> argument(RecordComponent component, int index) {
        Type argument = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[index];
        return (Class<?>) argument;
    }

    private static @Nullable Object read(RecordComponent component, Record record) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot read " + component, e);
        }
    }

    private static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
