package io.cleave.core.metrics;

/**
 * How long one kind of operation took. Immutable. Times are in nanoseconds and, but for the maximum, the upper end of a bucket
 * of {@link LatencyHistogram}: never below the measured value at that rank, and less than a sixteenth above it.
 *
 * @param samples operations that were timed; 0 when the rest says nothing
 * @param p50Nanos half of them took at most this
 * @param p90Nanos 90 % took at most this
 * @param p99Nanos 99 % took at most this
 * @param p999Nanos 99.9 % took at most this
 * @param maxNanos the longest of them, exact
 */
public record Latency(long samples, long p50Nanos, long p90Nanos, long p99Nanos, long p999Nanos, long maxNanos) {
    /** Nothing was timed. */
    public static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0);
}
