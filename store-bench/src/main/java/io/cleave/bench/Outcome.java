package io.cleave.bench;

import org.HdrHistogram.Histogram;

/**
 * What was measured of an operation, before the store has come to rest.
 *
 * @param entries what {@link Measurement#operations} counts
 * @param figures at the end
 */
record Outcome(
        long entries,
        long nanos,
        long otherOperations,
        long cpuNanos,
        long userBytes,
        Histogram latencies,
        ProcessFigures figures) {
    private static final long LATENCY_NANOS_MAX = 3_600_000_000_000L;

    /** For nanoseconds up to an hour, in three digits. */
    static Histogram histogram() {
        return new Histogram(LATENCY_NANOS_MAX, 3);
    }

    static void record(Histogram latencies, long nanos) {
        latencies.recordValue(Math.min(LATENCY_NANOS_MAX, Math.max(0, nanos)));
    }

    /** The same, of operations that handled several entries each. */
    Outcome withEntries(long number) {
        return new Outcome(number, nanos, otherOperations, cpuNanos, userBytes, latencies, figures);
    }

    Outcome withUserBytes(long bytes) {
        return new Outcome(entries, nanos, otherOperations, cpuNanos, bytes, latencies, figures);
    }
}
