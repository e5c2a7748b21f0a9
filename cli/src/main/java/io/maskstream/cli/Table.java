package io.maskstream.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell; numbers stand to the right. */
public final class Table {
    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... heads) {
        this.heads = List.of(heads);
    }

    /** Adds a row; it has a cell for each head. */
    public Table row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        if (row.size() != heads.size()) {
            throw new IllegalArgumentException("a row of " + row.size() + " cells under " + heads.size() + " heads");
        }
        rows.add(row);
        return this;
    }

    /** Prints heads and rows. */
    public void print(PrintWriter out) {
        int[] widths = new int[heads.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = heads.get(column).length();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        line(out, heads, widths);
        rows.forEach(row -> line(out, row, widths));
    }

    private void line(PrintWriter out, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String pad = " ".repeat(widths[column] - cells.get(column).length());
            boolean right = !rows.isEmpty() && isNumber(rows.get(0).get(column));
            line.append(right ? pad + cells.get(column) : cells.get(column) + pad)
                    .append("  ");
        }
        out.println(line.toString().stripTrailing());
    }

    private static boolean isNumber(String cell) {
        return cell.matches("-?[0-9][0-9.,]*%?") || cell.equals("–");
    }
}
