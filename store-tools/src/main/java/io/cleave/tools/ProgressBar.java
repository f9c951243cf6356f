package io.cleave.tools;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Tells on standard error how far work has come, once it has taken a second: a bar that moves on a terminal, a line now and
 * then where {@code --progress} asks for it, otherwise nothing.
 *
 * <p>Belongs to one thread. Closing removes the bar.
 */
final class ProgressBar implements AutoCloseable {
    /** How it shows. */
    enum Style {
        BAR,
        LINES,
        NONE
    }

    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BAR_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int WIDTH = 30;

    private final Terminal terminal;
    private final Style style;
    private final String what;
    private final long startNanos = System.nanoTime();
    private long shownNanos;
    private int shownLength;

    ProgressBar(Terminal terminal, Style style, String what) {
        this.terminal = terminal;
        this.style = style;
        this.what = what;
    }

    /** A bar on a terminal, lines elsewhere when they were asked for. */
    static Style style(Terminal terminal, ProgressOption option) {
        if (terminal.isInteractive()) {
            return Style.BAR;
        }
        return option.isWanted() ? Style.LINES : Style.NONE;
    }

    /** So much is done; {@code total} is 0 when nobody knows. */
    void update(long done, long total) {
        update(done, total, "");
    }

    /** The same with a word behind it. */
    void update(long done, long total, String note) {
        if (style == Style.NONE) {
            return;
        }
        long now = System.nanoTime();
        long pause = style == Style.BAR ? BAR_NANOS : LINE_NANOS;
        boolean early = now - startNanos < QUIET_NANOS;
        if (early || (shownNanos != 0 && now - shownNanos < pause)) {
            return;
        }
        shownNanos = now;
        show(line(done, total, now - startNanos) + (note.isEmpty() ? "" : "  " + note));
    }

    @Override
    public void close() {
        if (style == Style.BAR && shownLength > 0) {
            terminal.err().print("\r" + " ".repeat(shownLength) + "\r");
            terminal.err().flush();
        }
    }

    private void show(String line) {
        if (style == Style.LINES) {
            terminal.err().println(line);
            return;
        }
        terminal.err().print("\r" + line + " ".repeat(Math.max(0, shownLength - line.length())));
        terminal.err().flush();
        shownLength = line.length();
    }

    private String line(long done, long total, long nanos) {
        String elapsed = String.format(Locale.ROOT, "%3d s", TimeUnit.NANOSECONDS.toSeconds(nanos));
        if (total <= 0) {
            return String.format(Locale.ROOT, "%-10s %s  %s", what, elapsed, Figures.count(done));
        }
        double share = Math.min(1, (double) done / total);
        int full = (int) (share * WIDTH);
        String on = terminal.isUnicode() ? "█" : "#";
        String off = terminal.isUnicode() ? "░" : ".";
        String bar = on.repeat(full) + off.repeat(WIDTH - full);
        return String.format(Locale.ROOT, "%-10s %s %3d %% %s", what, bar, (int) (100 * share), elapsed);
    }
}
