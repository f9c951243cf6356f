package io.cleave.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LatencyWindowTest {
    private static final long START = 1_000;

    private final LatencyHistogram histogram = new LatencyHistogram();
    private final LatencyWindow window = new LatencyWindow(START);
    private long now = START;

    private Latency at(long nanos) {
        now = START + nanos;
        return window.since(histogram.totals(), now);
    }

    private void record(long nanos, int times) {
        for (int i = 0; i < times; i++) {
            histogram.record(nanos);
        }
    }

    @Test
    void aYoungStoreTellsOfEverything() {
        record(15, 3);
        assertEquals(new Latency(3, 15, 15, 15, 15, 15), at(LatencyWindow.NANOS - 1));
        assertFalse(window.isDue(now));
    }

    @Test
    void whatIsOlderThanAMinuteIsForgotten() {
        record(1_000_000, 10);
        assertEquals(10, at(LatencyWindow.NANOS).samples());
        record(15, 5);
        Latency both = at(LatencyWindow.NANOS + 1);
        assertEquals(15, both.samples());
        assertEquals(1_000_000, both.maxNanos());
        assertTrue(window.isDue(START + 2 * LatencyWindow.NANOS));
        assertEquals(new Latency(5, 15, 15, 15, 15, 15), at(2 * LatencyWindow.NANOS));
        assertEquals(Latency.NONE, at(3 * LatencyWindow.NANOS));
        assertEquals(1_000_000, histogram.latency().maxNanos());
    }

    @Test
    void theMaximumIsThatOfABucketWhenALongerOneIsOlder() {
        record(1_000_000, 1);
        at(LatencyWindow.NANOS);
        record(1_000, 1);
        long max = at(2 * LatencyWindow.NANOS).maxNanos();
        assertTrue(max >= 1_000 && max < 1_000 * 17 / 16, max + " ns");
    }
}
