package io.cleave.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Buckets and percentiles, compared with the sorted durations themselves. */
final class LatencyHistogramTest {
    private static final int[] THOUSANDTHS = {500, 900, 990, 999};

    /** Each power of two is as likely as any other, so that all buckets are met. */
    @Provide
    Arbitrary<List<Long>> durations() {
        Arbitrary<Integer> bits = Arbitraries.integers().between(0, 42);
        Arbitrary<Long> ones = Arbitraries.longs().between(0, LatencyHistogram.NANOS_MAX);
        return bits.flatMap(shift -> ones.map(value -> value >>> shift))
                .list()
                .ofMinSize(1)
                .ofMaxSize(3_000);
    }

    @Property(tries = 300)
    void aPercentileIsNeverBelowTheTrueOneAndAtMostASixteenthAbove(@ForAll("durations") List<Long> durations) {
        LatencyHistogram histogram = new LatencyHistogram();
        durations.forEach(histogram::record);
        Latency latency = histogram.latency();
        long[] sorted = durations.stream().mapToLong(Long::longValue).sorted().toArray();
        long[] told = {latency.p50Nanos(), latency.p90Nanos(), latency.p99Nanos(), latency.p999Nanos()};
        for (int i = 0; i < told.length; i++) {
            int rank = Math.max(1, (int) Math.ceil(sorted.length * (THOUSANDTHS[i] / 1_000.0)));
            long exact = sorted[rank - 1];
            assertTrue(
                    told[i] >= exact && told[i] - exact <= exact / 16,
                    told[i] + " is told for " + exact + ", " + THOUSANDTHS[i] + " thousandths of " + sorted.length);
        }
        assertEquals(sorted[sorted.length - 1], latency.maxNanos());
        assertEquals(sorted.length, latency.samples());
    }

    @Property(tries = 100)
    void theSumOfHistogramsIsTheHistogramOfTheSum(
            @ForAll("durations") List<Long> some, @ForAll("durations") List<Long> others) {
        LatencyHistogram first = new LatencyHistogram();
        LatencyHistogram second = new LatencyHistogram();
        LatencyHistogram both = new LatencyHistogram();
        some.forEach(nanos -> {
            first.record(nanos);
            both.recordAlone(nanos);
        });
        others.forEach(nanos -> {
            second.recordAlone(nanos);
            both.recordAlone(nanos);
        });
        LatencyTotals totals = new LatencyTotals();
        totals.add(first);
        totals.add(second);
        assertEquals(both.latency(), totals.latency());
    }

    @Test
    void bucketsFollowEachOtherWithoutGaps() {
        long lowest = 0;
        for (int bucket = 0; bucket < LatencyHistogram.BUCKETS; bucket++) {
            long highest = LatencyHistogram.highest(bucket);
            assertEquals(bucket, LatencyHistogram.bucket(lowest), "lowest of bucket " + bucket);
            assertEquals(bucket, LatencyHistogram.bucket(highest), "highest of bucket " + bucket);
            assertTrue((highest - lowest) * 16 <= lowest, "bucket " + bucket + " is wider than a sixteenth");
            lowest = highest + 1;
        }
        assertEquals(LatencyHistogram.NANOS_MAX + 1, lowest);
    }

    @Test
    void nothingIsNone() {
        assertEquals(Latency.NONE, new LatencyHistogram().latency());
    }

    @Test
    void whatIsOutOfRangeCountsAsTheNearestDuration() {
        LatencyHistogram histogram = new LatencyHistogram();
        long[] durations = {-5, Long.MAX_VALUE};
        Arrays.stream(durations).forEach(histogram::record);
        Latency latency = histogram.latency();
        assertEquals(0, latency.p50Nanos());
        assertEquals(LatencyHistogram.NANOS_MAX, latency.p999Nanos());
        assertEquals(Long.MAX_VALUE, latency.maxNanos());
    }
}
