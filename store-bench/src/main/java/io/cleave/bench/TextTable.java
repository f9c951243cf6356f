package io.cleave.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lays out cells in columns: the first ones flush left, the others flush right.
 *
 * <p>Belongs to one thread.
 */
final class TextTable {
    private static final String GAP = "  ";

    private final int leftColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /** The header counts as the first row. */
    TextTable(int leftColumns, List<String> header) {
        this.leftColumns = leftColumns;
        rows.add(List.copyOf(header));
    }

    TextTable row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalArgumentException("expected " + rows.get(0).size() + " cells, found " + cells);
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    /** How many rows there are below the header. */
    int size() {
        return rows.size() - 1;
    }

    /** Length of the longest line. */
    int width() {
        return width(widths());
    }

    /** All lines, each with its end. */
    String text() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            text.append(line(row, widths)).append('\n');
            if (row == rows.get(0)) {
                text.append("-".repeat(width(widths))).append('\n');
            }
        }
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return widths;
    }

    private static int width(int[] widths) {
        return Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1);
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String blanks = " ".repeat(widths[column] - row.get(column).length());
            line.append(column == 0 ? "" : GAP);
            line.append(column < leftColumns ? row.get(column) + blanks : blanks + row.get(column));
        }
        return line.toString().stripTrailing();
    }
}
