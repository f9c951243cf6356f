package io.cleave.core.metrics;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts of durations in buckets that widen with the duration: each power of two is cut into {@value #PARTS} buckets of equal
 * width, so a bucket is at most a sixteenth as wide as its smallest value. Durations below {@value #PARTS} ns are exact, those
 * above {@link #NANOS_MAX}, some 73 minutes, count as that. About 5 KB.
 *
 * <p>Thread-safe for {@link #record}. {@link #recordAlone} is for a histogram that one thread writes to; others may read it.
 */
public final class LatencyHistogram {
    private static final int PART_BITS = 4;
    private static final int PARTS = 1 << PART_BITS;

    /** Longest duration that is told apart, in nanoseconds. */
    public static final long NANOS_MAX = (1L << 42) - 1;

    static final int BUCKETS = bucket(NANOS_MAX) + 1;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong max = new AtomicLong();

    /** Counts a duration in nanoseconds; a negative one counts as 0. */
    public void record(long nanos) {
        counts.getAndIncrement(bucket(clamp(nanos)));
        if (nanos > max.getPlain()) {
            max.accumulateAndGet(nanos, Math::max);
        }
    }

    /** As {@link #record}, by the only thread that ever writes: without an atomic read and write. */
    public void recordAlone(long nanos) {
        int bucket = bucket(clamp(nanos));
        counts.setOpaque(bucket, counts.getPlain(bucket) + 1);
        if (nanos > max.getPlain()) {
            max.setOpaque(nanos);
        }
    }

    /** What was counted so far. */
    public Latency latency() {
        LatencyTotals totals = new LatencyTotals();
        totals.add(this);
        return totals.latency();
    }

    long count(int bucket) {
        return counts.getOpaque(bucket);
    }

    long max() {
        return max.getOpaque();
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
