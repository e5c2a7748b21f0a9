package io.maskstream.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param what was looked at
 * @param state how it is
 * @param found what was found
 * @param advice what to do; empty where nothing has to be done
 */
public record Finding(String what, State state, String found, String advice) {
    /** How a thing is. */
    public enum State {
        GOOD("ok   "),
        NOTED("note "),
        BROKEN("wrong");

        private final String mark;

        State(String mark) {
            this.mark = mark;
        }

        /** Returns the word before the line, always as wide. */
        public String mark() {
            return mark;
        }
    }

    static Finding good(String what, String found) {
        return new Finding(what, State.GOOD, found, "");
    }

    static Finding noted(String what, String found, String advice) {
        return new Finding(what, State.NOTED, found, advice);
    }

    static Finding broken(String what, String found, String advice) {
        return new Finding(what, State.BROKEN, found, advice);
    }
}
