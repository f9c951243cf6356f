package io.cleave.bench;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Tells on standard error how far the measuring has come: one line that moves on a terminal, a line for each finished
 * workload elsewhere.
 *
 * <p>Belongs to one thread. Closing removes the line that moves.
 */
final class ProgressLine implements ChildProcess.Listener, AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Console console;
    private final int processes;
    private final long startNanos = System.nanoTime();
    private int started;
    private String task = "";
    private long shownNanos;
    private int shownLength;

    ProgressLine(Console console, int processes) {
        this.console = console;
        this.processes = processes;
    }

    /** What comes is of another process. */
    void start(String name) {
        started++;
        task = name;
        shownNanos = 0;
    }

    @Override
    public void progress(String workload, long done, long total) {
        long now = System.nanoTime();
        if (!console.isInteractive() || (shownNanos != 0 && now - shownNanos < PAUSE_NANOS)) {
            return;
        }
        shownNanos = now;
        String share = total <= 0 ? "" : String.format(Locale.ROOT, "%3d %%", Math.min(100, done * 100 / total));
        String line = String.format(
                Locale.ROOT,
                "process %d of %d, %s  %-20s %s  %d s",
                started,
                processes,
                task,
                workload,
                share,
                TimeUnit.NANOSECONDS.toSeconds(now - startNanos));
        console.err().print("\r" + line + " ".repeat(Math.max(0, shownLength - line.length())));
        console.err().flush();
        shownLength = line.length();
    }

    @Override
    public void result(Measurement measurement) {
        if (!console.isInteractive()) {
            WorkloadRow row = WorkloadRow.of(measurement);
            console.err().println(task + "  " + row.title() + ": " + row.text(row.figure(measurement)));
        }
    }

    /** A line that stays. */
    void tell(String line) {
        close();
        console.err().println(line);
    }

    @Override
    public void close() {
        if (shownLength > 0) {
            console.err().print("\r" + " ".repeat(shownLength) + "\r");
            console.err().flush();
            shownLength = 0;
        }
    }
}
