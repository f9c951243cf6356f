package io.cleave.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How evenly puts went: each counts in the row of the table in which it began, and a row without any shows as such. Times are
 * in nanoseconds since the start. Has no clock; belongs to one thread.
 */
final class Pace {
    /** Longer runs have a row for each minute. */
    private static final long TENTHS_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);

    private static final int TENTHS = 10;
    private static final long[] PAUSE_NANOS = {
        TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.MILLISECONDS.toNanos(100)
    };

    /**
     * A part of the run.
     *
     * @param nanos its length
     * @param p999Nanos 99.9 % of its puts took at most that
     */
    record Row(long nanos, long puts, long p999Nanos, long longestNanos) {
        double putsPerSecond() {
            return puts * 1e9 / nanos;
        }
    }

    private final long runNanos;
    private final long rowNanos;
    private final List<Row> rows = new ArrayList<>();
    private final Histogram latencies = Outcome.histogram();
    private final long[] pauses = new long[PAUSE_NANOS.length];
    private long rowStartNanos;
    private long rowEndNanos;
    private long rowLongestNanos;
    private long puts;
    private long longestNanos;
    private long longestBeganNanos;

    /** Whole seconds have whole tenths. */
    Pace(int seconds) {
        this.runNanos = TimeUnit.SECONDS.toNanos(seconds);
        this.rowNanos = runNanos < TENTHS_NANOS_MAX ? runNanos / TENTHS : TimeUnit.MINUTES.toNanos(1);
        this.rowEndNanos = rowNanos;
    }

    /** What a row is. */
    String rowName() {
        return runNanos < TENTHS_NANOS_MAX ? "tenth" : "minute";
    }

    /** Takes a put that began no earlier than the one before. */
    void take(long beganNanos, long tookNanos) {
        while (beganNanos >= rowEndNanos && rowEndNanos < runNanos) {
            endRow();
        }
        puts++;
        Outcome.record(latencies, tookNanos);
        if (tookNanos > rowLongestNanos) {
            rowLongestNanos = tookNanos;
            if (tookNanos > longestNanos) {
                longestNanos = tookNanos;
                longestBeganNanos = beganNanos;
            }
        }
        if (tookNanos > PAUSE_NANOS[0]) {
            countPause(tookNanos);
        }
    }

    private void countPause(long tookNanos) {
        for (int at = 0; at < pauses.length; at++) {
            pauses[at] += tookNanos > PAUSE_NANOS[at] ? 1 : 0;
        }
    }

    private void endRow() {
        long rowPuts = latencies.getTotalCount();
        rows.add(new Row(rowEndNanos - rowStartNanos, rowPuts, latencies.getValueAtPercentile(99.9), rowLongestNanos));
        latencies.reset();
        rowLongestNanos = 0;
        rowStartNanos = rowEndNanos;
        rowEndNanos = Math.min(runNanos, rowEndNanos + rowNanos);
    }

    /** How long the run is to last. */
    long runNanos() {
        return runNanos;
    }

    /** No more puts will come: ends the rows that are left. */
    void end() {
        while (rowStartNanos < runNanos) {
            endRow();
        }
    }

    /** Those that have ended. */
    List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Of the last row against the first, as long as it; NaN when nothing was put in the first. */
    double lastToFirst() {
        Row first = rows.get(0);
        Row last = rows.get(rows.size() - 1);
        // The rest of a minute says less than a whole one.
        boolean isRest = last.nanos() < first.nanos() && rows.size() > 1;
        Row compared = isRest ? rows.get(rows.size() - 2) : last;
        return first.puts() == 0 ? Double.NaN : compared.putsPerSecond() / first.putsPerSecond();
    }

    long puts() {
        return puts;
    }

    long longestNanos() {
        return longestNanos;
    }

    /** When the longest put began. */
    long longestBeganNanos() {
        return longestBeganNanos;
    }

    /** How many puts took more than 1, 10 and 100 milliseconds; those of the latter count in all three. */
    long[] pauses() {
        return pauses.clone();
    }
}
