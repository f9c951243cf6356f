package io.cleave.core.metrics;

/** The sum of histograms. Not thread-safe. */
public final class LatencyTotals {
    private final long[] counts = new long[LatencyHistogram.BUCKETS];
    private long samples;
    private long max;

    /** Adds what a histogram has counted so far. */
    public void add(LatencyHistogram histogram) {
        for (int bucket = 0; bucket < counts.length; bucket++) {
            long count = histogram.count(bucket);
            counts[bucket] += count;
            samples += count;
        }
        max = Math.max(max, histogram.max());
    }

    void add(LatencyTotals other) {
        for (int bucket = 0; bucket < counts.length; bucket++) {
            counts[bucket] += other.counts[bucket];
        }
        samples += other.samples;
        max = Math.max(max, other.max);
    }

    /** Percentiles of what has come since another sum of the same histograms was made. */
    Latency since(LatencyTotals before) {
        LatencyTotals lately = new LatencyTotals();
        int highest = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            long count = Math.max(0, counts[bucket] - before.counts[bucket]);
            lately.counts[bucket] = count;
            lately.samples += count;
            highest = count > 0 ? bucket : highest;
        }
        lately.max = Math.min(max, LatencyHistogram.highest(highest));
        return lately.latency();
    }

    /** Percentiles of the sum. */
    public Latency latency() {
        if (samples == 0) {
            return Latency.NONE;
        }
        return new Latency(samples, atLeast(500), atLeast(900), atLeast(990), atLeast(999), max);
    }

    /** Upper end of the bucket that holds the smallest duration not exceeded by so many in a thousand. */
    private long atLeast(int thousandths) {
        long rank = Math.max(1, ceilDiv(samples, thousandths));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return Math.min(max, LatencyHistogram.highest(bucket));
            }
        }
        return max;
    }

    /** A share of {@code count} in thousandths, rounded up, without overflow. */
    private static long ceilDiv(long count, int thousandths) {
        long rest = count % 1_000 * thousandths;
        return count / 1_000 * thousandths + (rest + 999) / 1_000;
    }
}
