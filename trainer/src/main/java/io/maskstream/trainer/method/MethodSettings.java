package io.maskstream.trainer.method;

import io.maskstream.trainer.block.ClassWeights;
import java.util.List;
import java.util.Map;

/**
 * What a round's method is set to.
 *
 * @param classes what an annotated pixel of each class counts for
 * @param options values of the method's {@link Option}s by name; what is not set has its usual value
 * @param seed of what a plan draws, such as which annotations a stage may learn from
 */
public record MethodSettings(ClassWeights classes, Map<String, Double> options, long seed) {
    public MethodSettings {
        options = Map.copyOf(options);
    }

    /** Returns an option's value. */
    public double get(Option option) {
        return options.getOrDefault(option.name(), option.usual());
    }

    /** Returns an option's value as a whole number. */
    public int count(Option option) {
        return (int) Math.round(get(option));
    }

    /**
     * Checks the options that are set.
     *
     * @throws IllegalArgumentException if the method has no such option or the value lies outside, naming the options there are
     */
    public MethodSettings checkedFor(Method method) {
        List<Option> known = method.options();
        options.forEach((name, value) -> {
            Option option = known.stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("the method " + method.name() + " has no option "
                            + name + "; it has "
                            + known.stream().map(Option::name).toList()));
            if (!(value >= option.least() && value <= option.most())) {
                throw new IllegalArgumentException("the option " + name + " of " + method.name() + " lies in ["
                        + option.least() + ", " + option.most() + "], not at " + value);
            }
        });
        return this;
    }
}
