package io.cleave.tools;

import io.cleave.tools.StoreSample.Amounts;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * How a watched store is shown. Stateless but for what it writes to; belongs to one thread.
 *
 * <ul>
 *   <li>{@link #screen}: a table that is drawn over the last one, on a terminal
 *   <li>{@link #lines}: a line a look under a heading that comes again, anywhere else
 *   <li>{@link #json}: an object a line
 * </ul>
 *
 * <p>Tables are at most 80 signs wide, and at most 50 where the terminal is narrower than that. Times are UTC, as in a log.
 */
final class StatView {
    private static final String CLEAR_SCREEN = "\033[2J";
    private static final String HOME = "\033[H";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";
    private static final int ROWS_MAX = 15;
    private static final int LINES_A_HEADING = 20;
    private static final int WIDE = 80;
    private static final int NAME_WIDTH = 12;
    private static final int NARROW_NAME_WIDTH = 10;
    private static final String ROW = "%-" + NAME_WIDTH + "s %11s %10s %10s %11s %5s %4s %5s %3s";
    private static final String NARROW_ROW = "%-" + NARROW_NAME_WIDTH + "s %11s %10s %10s %4s";
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Terminal terminal;
    private final String store;
    private final LongSupplier wallMillis;
    private long linesShown;

    /** Shows the store of that name; {@code wallMillis} tells the time since 1970. */
    StatView(Terminal terminal, String store, LongSupplier wallMillis) {
        this.terminal = terminal;
        this.store = store;
        this.wallMillis = wallMillis;
    }

    /** Draws a table over the last one. The cursor stays below it, so there is nothing to restore at the end. */
    void screen(StoreSample sample, StoreSample before, long elapsedNanos) {
        List<String> lines = table(sample, before, elapsedNanos);
        StringBuilder frame = new StringBuilder(elapsedNanos == 0 ? CLEAR_SCREEN + HOME : HOME);
        lines.forEach(line -> frame.append(line).append(CLEAR_LINE).append('\n'));
        terminal.out().print(frame.append(CLEAR_BELOW));
        terminal.out().flush();
    }

    /** Appends a line, and before the first and every twentieth one the heading. */
    void lines(StoreSample sample, StoreSample before, long elapsedNanos) {
        if (linesShown++ % LINES_A_HEADING == 0) {
            terminal.out().println(line("UTC", "entries", "change", "size", "change", "runs", "segm.", "in log"));
        }
        Amounts now = sample.total();
        Amounts change = now.minus(before.total());
        terminal.out()
                .println(line(
                        clock(),
                        Figures.count(now.entries()),
                        count(change.entries()),
                        Figures.bytes(now.bytes()),
                        bytes(change.bytes()),
                        Figures.count(now.runs()),
                        Figures.count(now.segments()),
                        Figures.count(sample.operationsNotInRuns())));
        terminal.out().flush();
    }

    /** Time, entries, their change, size, its change, runs, segments, operations that are only in the log. */
    private String line(String... words) {
        String text = isNarrow()
                ? String.format(
                        Locale.ROOT, "%-8s %11s %10s %10s %4s", words[0], words[1], words[2], words[3], words[5])
                : String.format(Locale.ROOT, "%-8s %12s %11s %10s %11s %6s %6s %9s", (Object[]) words);
        return text.stripTrailing();
    }

    private String clock() {
        return CLOCK.format(Instant.ofEpochMilli(wallMillis.getAsLong()));
    }

    private boolean isNarrow() {
        return terminal.columns() < WIDE;
    }

    /** Appends an object on a line of its own. */
    void json(StoreSample sample, StoreSample before, long elapsedNanos) {
        Json json = new Json().object().field("seconds", seconds(elapsedNanos));
        json.field("time", Instant.ofEpochMilli(wallMillis.getAsLong()).toString());
        amounts(json, sample.total());
        json.field("logFiles", sample.logFiles()).field("logBytes", sample.logBytes());
        json.field("operationsNotInRuns", sample.operationsNotInRuns());
        json.name("change").object();
        amounts(json, sample.total().minus(before.total()));
        json.field("logFiles", sample.logFiles() - before.logFiles());
        json.field("operationsNotInRuns", sample.operationsNotInRuns() - before.operationsNotInRuns());
        json.field("logBytes", sample.logBytes() - before.logBytes()).endObject();
        terminal.out().println(json.endObject());
        terminal.out().flush();
    }

    private static void amounts(Json json, Amounts amounts) {
        json.field("entries", amounts.entries()).field("bytes", amounts.bytes());
        json.field("runs", amounts.runs()).field("segments", amounts.segments());
    }

    /** Lower than most terminals: indexes that do not fit are added up. */
    private List<String> table(StoreSample sample, StoreSample before, long elapsedNanos) {
        List<String> lines = new ArrayList<>();
        lines.add("store  " + tail(store));
        lines.add(String.format(
                Locale.ROOT,
                "log    %s, %s (%s)",
                Figures.plural(sample.logFiles(), "file"),
                Figures.bytes(sample.logBytes()),
                bytes(sample.logBytes() - before.logBytes())));
        if (sample.operationsNotInRuns() != 0 || before.operationsNotInRuns() != 0) {
            lines.add("       about " + Figures.plural(sample.operationsNotInRuns(), "operation") + " not in runs ("
                    + count(sample.operationsNotInRuns() - before.operationsNotInRuns()) + ")");
        }
        lines.add(String.format(Locale.ROOT, "at     %s UTC, after %.1f s", clock(), seconds(elapsedNanos)));
        lines.add("");
        lines.add(columns("index", "entries", "change", "size", "change", "runs", "", "segm.", ""));
        TreeSet<String> names = new TreeSet<>(sample.indexes().keySet());
        names.addAll(before.indexes().keySet());
        Amounts rest = Amounts.NONE;
        Amounts restBefore = Amounts.NONE;
        int row = 0;
        for (String name : names) {
            if (row++ < ROWS_MAX) {
                lines.add(row(PrintableText.name(name), sample.index(name), before.index(name)));
            } else {
                rest = rest.plus(sample.index(name));
                restBefore = restBefore.plus(before.index(name));
            }
        }
        if (row > ROWS_MAX) {
            lines.add(row((row - ROWS_MAX) + " more", rest, restBefore));
        }
        lines.add(row("all", sample.total(), before.total()));
        return lines;
    }

    private String row(String name, Amounts now, Amounts before) {
        Amounts change = now.minus(before);
        String shown = terminal.isUnicode() ? name : name.replaceAll("[^ -~]", "?");
        int width = isNarrow() ? NARROW_NAME_WIDTH : NAME_WIDTH;
        if (shown.length() > width) {
            shown = shown.substring(0, width - 2) + "..";
        }
        return columns(
                shown,
                Figures.count(now.entries()),
                count(change.entries()),
                Figures.bytes(now.bytes()),
                bytes(change.bytes()),
                Figures.count(now.runs()),
                count(change.runs()),
                Figures.count(now.segments()),
                count(change.segments()));
    }

    /** Name, entries, their change, size, its change, runs, their change, segments, their change. */
    private String columns(String... words) {
        String text = isNarrow()
                ? String.format(Locale.ROOT, NARROW_ROW, words[0], words[1], words[2], words[3], words[5])
                : String.format(Locale.ROOT, ROW, (Object[]) words);
        return text.stripTrailing();
    }

    /** The end of a path: it tells more than its beginning. */
    private String tail(String path) {
        int room = Math.max(20, Math.min(WIDE, terminal.columns())) - "store  ".length();
        return path.length() <= room ? path : ".." + path.substring(path.length() - room + 2);
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / 1e8) / 10.0;
    }

    private static String count(long change) {
        return change > 0 ? "+" + Figures.count(change) : Figures.count(change);
    }

    private static String bytes(long change) {
        return change == 0 ? "0" : (change > 0 ? "+" : "-") + Figures.bytes(Math.abs(change));
    }
}
