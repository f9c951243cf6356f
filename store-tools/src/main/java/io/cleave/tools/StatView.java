package io.cleave.tools;

import io.cleave.tools.StoreSample.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * How a watched store is shown. Stateless but for what it writes to; belongs to one thread.
 *
 * <ul>
 *   <li>{@link #screen}: a table that is drawn over the last one, on a terminal
 *   <li>{@link #lines}: a line a look, anywhere else
 *   <li>{@link #json}: an object a line
 * </ul>
 */
final class StatView {
    private static final String CLEAR_SCREEN = "\033[2J";
    private static final String HOME = "\033[H";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";
    private static final int ROWS_MAX = 16;
    private static final int NAME_WIDTH = 12;
    private static final String ROW = "%-" + NAME_WIDTH + "s %11s %10s %10s %11s %5s %4s %5s %3s";

    private final Terminal terminal;
    private final String store;

    /** Shows the store of that name. */
    StatView(Terminal terminal, String store) {
        this.terminal = terminal;
        this.store = store;
    }

    /** Draws a table over the last one. The cursor stays below it, so there is nothing to restore at the end. */
    void screen(StoreSample sample, StoreSample before, long elapsedNanos) {
        List<String> lines = table(sample, before, elapsedNanos);
        StringBuilder frame = new StringBuilder(elapsedNanos == 0 ? CLEAR_SCREEN + HOME : HOME);
        lines.forEach(line -> frame.append(line).append(CLEAR_LINE).append('\n'));
        terminal.out().print(frame.append(CLEAR_BELOW));
        terminal.out().flush();
    }

    /** Appends a line. */
    void lines(StoreSample sample, StoreSample before, long elapsedNanos) {
        Amounts now = sample.total();
        Amounts change = now.minus(before.total());
        terminal.out()
                .println(String.format(
                        Locale.ROOT,
                        "%8.1f s  entries %s (%s)  size %s (%s)  runs %s (%s)  segments %s (%s)  log %s, %s (%s)",
                        seconds(elapsedNanos),
                        Figures.count(now.entries()),
                        count(change.entries()),
                        Figures.bytes(now.bytes()),
                        bytes(change.bytes()),
                        Figures.count(now.runs()),
                        count(change.runs()),
                        Figures.count(now.segments()),
                        count(change.segments()),
                        Figures.plural(sample.logFiles(), "file"),
                        Figures.bytes(sample.logBytes()),
                        bytes(sample.logBytes() - before.logBytes())));
        terminal.out().flush();
    }

    /** Appends an object on a line of its own. */
    void json(StoreSample sample, StoreSample before, long elapsedNanos) {
        Json json = new Json().object().field("seconds", seconds(elapsedNanos));
        amounts(json, sample.total());
        json.field("logFiles", sample.logFiles()).field("logBytes", sample.logBytes());
        json.name("change").object();
        amounts(json, sample.total().minus(before.total()));
        json.field("logFiles", sample.logFiles() - before.logFiles());
        json.field("logBytes", sample.logBytes() - before.logBytes()).endObject();
        terminal.out().println(json.endObject());
        terminal.out().flush();
    }

    private static void amounts(Json json, Amounts amounts) {
        json.field("entries", amounts.entries()).field("bytes", amounts.bytes());
        json.field("runs", amounts.runs()).field("segments", amounts.segments());
    }

    /** At most 80 signs wide, and lower than most terminals: indexes that do not fit are added up. */
    private List<String> table(StoreSample sample, StoreSample before, long elapsedNanos) {
        List<String> lines = new ArrayList<>();
        lines.add("store  " + store);
        lines.add(String.format(
                Locale.ROOT,
                "log    %s, %s (%s)   after %.1f s",
                Figures.plural(sample.logFiles(), "file"),
                Figures.bytes(sample.logBytes()),
                bytes(sample.logBytes() - before.logBytes()),
                seconds(elapsedNanos)));
        lines.add("");
        lines.add(String.format(
                Locale.ROOT, ROW, "index", "entries", "change", "size", "change", "runs", "", "segm.", ""));
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
        if (shown.length() > NAME_WIDTH) {
            shown = shown.substring(0, NAME_WIDTH - 2) + "..";
        }
        return String.format(
                Locale.ROOT,
                ROW,
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
