package io.maskstream.trainer.network.operator;

import java.util.Locale;
import java.util.TreeMap;

/** The table of the operators as a page of Markdown. */
public final class OperatorTable {
    private OperatorTable() {}

    /** Returns the page, which is {@code docs/operators.md}. */
    public static String markdown() {
        StringBuilder page = new StringBuilder(
                """
                # Operators

                What a graph may hold to be trained: every operator of this table, in operator sets %d to %d. `Constant` nodes
                become weights. `maskstream models import` names each node that is not covered, and why.

                - **since**: the first of those operator sets in which the operator runs here.
                - **tolerance** t: a float32 value lies within t · (1 + |value|) of ONNX Runtime's, over drawn attributes,
                  shapes and operator sets.
                - **gradient**: *yes* where it was compared with finite differences in double precision, over the same
                  draws; *none* where the values are integers, truths or steps.

                This page is written from the code (`OperatorTableTest`, with `-Dmaskstream.docs.write=true`).

                | operator | since | tolerance | gradient | notes |
                | --- | --- | --- | --- | --- |
                """
                        .formatted(Operator.FIRST_OPSET, Operator.LAST_OPSET));
        for (Operator operator : Operators.all()) {
            page.append(String.format(
                    Locale.ROOT,
                    "| [%s](%s) | %d | %s | %s | %s |%n",
                    operator.name(),
                    operator.definition(),
                    operator.since(),
                    operator.tolerance() == 0 ? "exact" : String.format(Locale.ROOT, "%.0e", operator.tolerance()),
                    operator.gradient() == Operator.Gradient.FLOWS ? "yes" : "none",
                    operator.notes().replace("|", "\\|")));
        }
        page.append("\nLeft out knowingly, and what to do about it:\n\n");
        new TreeMap<>(Refusals.all())
                .forEach((operator, reason) -> page.append(String.format("- `%s` %s.%n", operator, reason)));
        return page.toString().replace("\r", "");
    }
}
