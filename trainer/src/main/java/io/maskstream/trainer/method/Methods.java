package io.maskstream.trainer.method;

import java.util.List;

/** The learning methods that configuration can name; a new one is one class and one line here. */
public final class Methods {
    private static final List<Method> ALL = List.of();

    private Methods() {}

    /** Returns every method, by category and name. */
    public static List<Method> all() {
        return ALL;
    }

    /** Returns the method of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static Method named(String name) {
        return ALL.stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no method " + name + "; there are "
                        + ALL.stream().map(Method::name).toList()));
    }
}
