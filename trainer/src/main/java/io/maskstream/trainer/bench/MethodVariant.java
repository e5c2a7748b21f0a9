package io.maskstream.trainer.bench;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A method with some of its options set, so that one bench can hold several settings of a method against each other.
 *
 * @param method its name
 * @param options those that are set, sorted by name
 */
public record MethodVariant(String method, TreeMap<String, Double> options) {
    /** What every other is held against, unless something else is asked for. */
    public static final MethodVariant SUPERVISED = parse("supervised");

    public MethodVariant {
        options = new TreeMap<>(options);
    }

    /**
     * Reads {@code fixmatch} or {@code fixmatch:threshold=0.8:ramp=0.2}.
     *
     * @throws IllegalArgumentException if there is no such method or option, with what there is
     */
    public static MethodVariant parse(String text) {
        String[] parts = text.split(":", -1);
        TreeMap<String, Double> options = new TreeMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            try {
                options.put(parts[i].substring(0, equals), Double.valueOf(parts[i].substring(equals + 1)));
            } catch (StringIndexOutOfBoundsException | NumberFormatException e) {
                throw new IllegalArgumentException(
                        "a method with options is written fixmatch:threshold=0.8:ramp=0.2, not " + text, e);
            }
        }
        MethodVariant variant = new MethodVariant(parts[0], options);
        var unused = variant.settings(Map.of()).checkedFor(Methods.named(parts[0]));
        return variant;
    }

    /**
     * Reads what others are to be held against: supervised learning, with options that the others have too, so that a gain is theirs and not
     * the option's.
     *
     * @throws IllegalArgumentException if it is another method, which could not learn from all labels as the ceiling does
     */
    public static MethodVariant reference(String text) {
        MethodVariant variant = parse(text);
        if (!variant.method.equals(SUPERVISED.method)) {
            throw new IllegalArgumentException(
                    "methods are held against supervised, with options such as supervised:steady-average=1, not against "
                            + text);
        }
        return variant;
    }

    /** Reads a list with commas; {@code all} is every method as it usually is. The reference is always the first. */
    public static List<MethodVariant> list(String text, MethodVariant reference) {
        List<MethodVariant> variants = new ArrayList<>(List.of(reference));
        for (String item : text.split(",", -1)) {
            List<String> names = item.equals("all")
                    ? Methods.all().stream().map(Method::name).toList()
                    : List.of(item.strip());
            for (String name : names) {
                MethodVariant variant = parse(name);
                if (!variants.contains(variant)) {
                    variants.add(variant);
                }
            }
        }
        return variants;
    }

    /** Returns the family. */
    public String category() {
        return Methods.named(method).category();
    }

    /** Returns the options of a run: those of the bench that the method has, and its own on top. */
    public Map<String, Double> with(Map<String, Double> common) {
        Map<String, Double> all = new TreeMap<>();
        Methods.named(method).options().forEach(option -> {
            Double value = common.get(option.name());
            if (value != null) {
                all.put(option.name(), value);
            }
        });
        all.putAll(options);
        return all;
    }

    private MethodSettings settings(Map<String, Double> common) {
        return new MethodSettings(ClassWeights.equal(2), with(common), 1);
    }

    /**
     * Returns the method's recipes and its options in words; equal words are the same method. What every method may be set to and is off
     * is left out, so that finished runs stand when methods learn to do one thing more.
     */
    public String recipe(Map<String, Double> common) {
        MethodSettings settings = settings(common);
        Method named = Methods.named(method);
        StringBuilder words = new StringBuilder();
        for (Option option : named.options()) {
            double value = settings.get(option);
            if (value != 0 || !Supervision.OPTIONS.contains(option)) {
                words.append(option.name()).append('=').append(value).append('\n');
            }
        }
        return words.append(named.plan(settings).recipes()).toString();
    }

    /** Returns how it is written, {@code fixmatch:threshold=0.8}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(method);
        options.forEach(
                (name, value) -> text.append(':').append(name).append('=').append(value));
        return text.toString();
    }
}
