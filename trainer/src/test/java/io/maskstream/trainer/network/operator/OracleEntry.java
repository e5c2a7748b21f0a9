package io.maskstream.trainer.network.operator;

import java.util.function.Function;

/**
 * How to draw graphs for an operator's test.
 *
 * @param operator the row of the table that it is for
 * @param form what is special, where an operator has several entries; else nothing
 * @param draws how many graphs are drawn
 * @param first the oldest operator set to draw
 * @param last the newest
 * @param gradient whether gradients are compared, if the operator has one: not for forms of integers alone
 * @param generator writes a graph of random attributes and shapes, and returns the value that is compared
 */
record OracleEntry(
        String operator,
        String form,
        int draws,
        int first,
        int last,
        boolean gradient,
        Function<Draw, String> generator) {
    private static final int USUAL_DRAWS = 16;

    /** An entry over all operator sets that the operator's row states. */
    static OracleEntry of(String operator, Function<Draw, String> generator) {
        int since = Operators.named(operator).map(Operator::since).orElse(Operator.FIRST_OPSET);
        return new OracleEntry(operator, "", USUAL_DRAWS, since, Operator.LAST_OPSET, true, generator);
    }

    /** Names the form of the operator that this is about. */
    OracleEntry form(String name) {
        return new OracleEntry(operator, name, draws, first, last, gradient, generator);
    }

    /** Asks for more or fewer draws. */
    OracleEntry draws(int wanted) {
        return new OracleEntry(operator, form, wanted, first, last, gradient, generator);
    }

    /** Keeps to these operator sets. */
    OracleEntry opsets(int from, int to) {
        return new OracleEntry(operator, form, draws, from, to, gradient, generator);
    }

    /** Compares values alone, as for integers. */
    OracleEntry valuesAlone() {
        return new OracleEntry(operator, form, draws, first, last, false, generator);
    }

    /** Returns the operator set of a draw: the oldest, the newest, then others in turn. */
    int opset(int draw) {
        if (draw < 2) {
            return draw == 0 ? first : last;
        }
        return first + (draw * 7) % (last - first + 1);
    }

    @Override
    public String toString() {
        return form.isEmpty() ? operator : operator + ", " + form;
    }
}
