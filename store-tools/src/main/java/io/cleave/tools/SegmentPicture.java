package io.cleave.tools;

import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The segments of an index as a bar chart: key ranges, sizes, entries, runs. Immutable. */
final class SegmentPicture {
    private static final int BAR_WIDTH = 32;
    private static final int KEY_WIDTH = 30;
    private static final int KEY_HEAD_WIDTH = 9;
    private static final int ROWS_MAX = 48;
    private static final String[] EIGHTHS = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

    /** A segment, or several neighbours where there are more than rows. */
    private record Row(long id, byte[] lower, int segments, long entries, long runs, long bytes) {}

    private final String title;
    private final List<Row> rows;

    private SegmentPicture(String title, List<Row> rows) {
        this.title = title;
        this.rows = rows;
    }

    static SegmentPicture of(IndexLook look) {
        List<SegmentLook> segments = look.segments();
        int together = (segments.size() + ROWS_MAX - 1) / ROWS_MAX;
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < segments.size(); i += together) {
            List<SegmentLook> group = segments.subList(i, Math.min(segments.size(), i + together));
            byte[] lower = group.get(0).manifest().bounds().lower();
            rows.add(new Row(
                    group.get(0).segmentId(),
                    lower == null ? new byte[0] : lower,
                    group.size(),
                    group.stream().mapToLong(SegmentLook::entries).sum(),
                    group.stream().mapToLong(segment -> segment.runs().size()).sum(),
                    group.stream().mapToLong(SegmentLook::runBytes).sum()));
        }
        String title = String.format(
                Locale.ROOT,
                "index \"%s\": %s, %s, %s",
                look.name(),
                Figures.plural(segments.size(), "segment"),
                Figures.plural(look.entries(), "entry"),
                Figures.bytes(look.runBytes()));
        return new SegmentPicture(title, rows);
    }

    void print(Terminal terminal) {
        lines(terminal.isUnicode()).forEach(terminal.out()::println);
    }

    /** The picture line by line; with {@code isUnicode} in box and block characters, otherwise in ASCII. */
    List<String> lines(boolean isUnicode) {
        long most = Math.max(1, rows.stream().mapToLong(Row::bytes).max().orElse(1));
        String side = isUnicode ? "│" : "|";
        String rule = isUnicode ? "─" : "-";
        List<String> lines = new ArrayList<>();
        lines.add(title);
        lines.add(String.format(
                Locale.ROOT,
                "  %-7s %-" + KEY_WIDTH + "s %9s %10s %4s",
                "segment",
                "from key",
                "entries",
                "size",
                "runs"));
        lines.add("  " + rule.repeat(7 + 1 + KEY_WIDTH + 1 + 9 + 1 + 10 + 1 + 4) + (isUnicode ? "─┬" : "-+")
                + rule.repeat(BAR_WIDTH));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-7s %s %9s %10s %4d %s%s",
                    row.segments() == 1 ? row.id() : row.segments() + " seg.",
                    key(row.lower(), isUnicode),
                    Figures.count(row.entries()),
                    Figures.bytes(row.bytes()),
                    row.runs(),
                    side,
                    bar(row.bytes(), most, isUnicode)));
        }
        return lines;
    }

    private static String bar(long bytes, long most, boolean isUnicode) {
        long eighths = Math.max(1, Math.round(8.0 * BAR_WIDTH * bytes / most));
        if (bytes == 0) {
            return "";
        }
        return isUnicode
                ? "█".repeat((int) (eighths / 8)) + EIGHTHS[(int) (eighths % 8)]
                : "#".repeat((int) Math.max(1, eighths / 8));
    }

    /** A key as wide as its column: the text it begins with, its middle left out when it is long. */
    private static String key(byte[] lower, boolean isUnicode) {
        int length = 0;
        while (length < lower.length && (lower[length] < 0 || lower[length] >= ' ')) {
            length++;
        }
        byte[] shown = length == 0 ? Arrays.copyOf(lower, Math.min(lower.length, 8)) : Arrays.copyOf(lower, length);
        String text = lower.length == 0 ? "(first)" : ByteForm.TEXT.show(shown);
        if (!isUnicode) {
            text = text.replaceAll("[^ -~]", "?");
        }
        if (text.length() <= KEY_WIDTH) {
            return text + " ".repeat(KEY_WIDTH - text.length());
        }
        String gap = isUnicode ? "…" : "..";
        int tail = KEY_WIDTH - KEY_HEAD_WIDTH - gap.length();
        return text.substring(0, KEY_HEAD_WIDTH) + gap + text.substring(text.length() - tail);
    }
}
