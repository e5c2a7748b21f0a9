package io.maskstream.cli.command;

import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** The option of every command that learns by a method, for what the method may be set to. */
public final class MethodOptions {
    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "What the method is set to, such as threshold=0.8; see: maskstream methods show NAME.")
    private Map<String, Double> options = new LinkedHashMap<>();

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if no method has one of them, with those there are
     */
    Map<String, Double> values() {
        TreeSet<String> known = new TreeSet<>();
        for (Method method : Methods.all()) {
            method.options().forEach(option -> known.add(option.name()));
        }
        options.keySet().stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("no method has an option " + name + "; there are " + known);
                });
        return new TreeMap<>(options);
    }

    /**
     * Returns the options of one method.
     *
     * @throws IllegalArgumentException if the method has no such option or the value lies outside, with what there is
     */
    Map<String, Double> valuesFor(String method) {
        return new MethodSettings(ClassWeights.equal(2), options, 1)
                .checkedFor(Methods.named(method))
                .options();
    }

    /** Returns the options as settings of a section, such as {@code trainer.options.threshold}. */
    Map<String, String> settings(String section) {
        Map<String, String> settings = new LinkedHashMap<>();
        values().forEach((name, value) -> settings.put(section + ".options." + name, value.toString()));
        return settings;
    }
}
