package io.cleave.core.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts of durations in buckets that widen with the duration: each power of two is cut into 16 buckets of equal width, so a
 * bucket is at most a sixteenth as wide as its smallest value. Durations below 16 ns are exact, those above {@link #NANOS_MAX},
 * some 73 minutes, count as that. About 5 KB, in one array: a sample meets few cold cache lines.
 *
 * <p>Thread-safe for {@link #record}. {@link #recordAlone} is for a histogram that one thread writes to; others may read it.
 */
public final class LatencyHistogram {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int PART_BITS = 4;

    /** Longest duration that is told apart, in nanoseconds. */
    public static final long NANOS_MAX = (1L << 42) - 1;

    static final int BUCKETS = bucket(NANOS_MAX) + 1;

    private static final int MAX = BUCKETS;

    /** A count for each bucket, then the maximum. */
    private final long[] cells = new long[BUCKETS + 1];

    /** Counts a duration in nanoseconds; a negative one counts as 0. */
    public void record(long nanos) {
        long before = (long) CELL.getAndAdd(cells, bucket(clamp(nanos)), 1L);
        assert before >= 0;
        for (long max = max(); nanos > max; max = max()) {
            if (CELL.compareAndSet(cells, MAX, max, nanos)) {
                return;
            }
        }
    }

    /** As {@link #record}, by the only thread that ever writes: without an atomic read and write. */
    public void recordAlone(long nanos) {
        int bucket = bucket(clamp(nanos));
        CELL.setOpaque(cells, bucket, cells[bucket] + 1);
        if (nanos > cells[MAX]) {
            CELL.setOpaque(cells, MAX, nanos);
        }
    }

    /** What was counted so far. */
    public Latency latency() {
        return totals().latency();
    }

    /** What was counted so far, as a sum of this one alone. The caller owns it. */
    public LatencyTotals totals() {
        LatencyTotals totals = new LatencyTotals();
        totals.add(this);
        return totals;
    }

    long count(int bucket) {
        return (long) CELL.getOpaque(cells, bucket);
    }

    long max() {
        return (long) CELL.getOpaque(cells, MAX);
    }

    private static long clamp(long nanos) {
        return Math.max(0, Math.min(NANOS_MAX, nanos));
    }

    /** Bucket of a duration from 0 to {@link #NANOS_MAX}. */
    static int bucket(long nanos) {
        int shift = Math.max(0, Long.SIZE - 1 - PART_BITS - Long.numberOfLeadingZeros(nanos));
        return (shift << PART_BITS) + (int) (nanos >>> shift);
    }

    /** Longest duration in a bucket. */
    static long highest(int bucket) {
        int shift = Math.max(0, (bucket >>> PART_BITS) - 1);
        long part = bucket - ((long) shift << PART_BITS);
        return ((part + 1) << shift) - 1;
    }
}
