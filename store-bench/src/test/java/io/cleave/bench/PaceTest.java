package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PaceTest {
    private static final long MILLI_NANOS = 1_000_000;

    @Test
    void aShortRunHasTenths() {
        Pace pace = new Pace(2);
        for (long at = 0; at < 2_000; at++) {
            pace.take(at * MILLI_NANOS, MILLI_NANOS);
        }
        pace.end();
        assertEquals("tenth", pace.rowName());
        assertEquals(10, pace.rows().size());
        for (Pace.Row row : pace.rows()) {
            assertEquals(200, row.puts());
            assertEquals(1_000, row.putsPerSecond());
            assertEquals(MILLI_NANOS, row.longestNanos());
        }
        assertEquals(2_000, pace.puts());
        assertEquals(1, pace.lastToFirst());
    }

    @Test
    void aLongRunHasMinutesAndARest() {
        Pace pace = new Pace(605);
        long second = TimeUnit.SECONDS.toNanos(1);
        for (long at = 0; at < 605; at++) {
            // One put a second in the first half, every other later.
            if (at < 300 || at % 2 == 0) {
                pace.take(at * second, 1);
            }
        }
        pace.end();
        assertEquals("minute", pace.rowName());
        assertEquals(
                List.of(60L, 60L, 60L, 60L, 60L, 30L, 30L, 30L, 30L, 30L, 3L),
                pace.rows().stream().map(Pace.Row::puts).toList());
        assertEquals(5 * second, pace.rows().get(10).nanos());
        assertEquals(0.5, pace.lastToFirst(), "the rest is not compared");
    }

    @Test
    void aPauseCountsWhereItBeganAndLeavesRowsEmpty() {
        Pace pace = new Pace(1);
        pace.take(0, 50 * MILLI_NANOS);
        pace.take(50 * MILLI_NANOS, 850 * MILLI_NANOS);
        pace.take(900 * MILLI_NANOS, 11 * MILLI_NANOS);
        pace.take(911 * MILLI_NANOS, 2 * MILLI_NANOS);
        pace.take(913 * MILLI_NANOS, MILLI_NANOS);
        pace.end();
        List<Pace.Row> rows = pace.rows();
        assertEquals(
                List.of(2L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 3L),
                rows.stream().map(Pace.Row::puts).toList());
        assertEquals(850 * MILLI_NANOS, rows.get(0).longestNanos());
        assertEquals(11 * MILLI_NANOS, rows.get(9).longestNanos());
        assertEquals(850 * MILLI_NANOS, pace.longestNanos());
        assertEquals(50 * MILLI_NANOS, pace.longestBeganNanos());
        assertArrayEquals(new long[] {4, 3, 1}, pace.pauses());
    }

    @Test
    void aRunThatPutNothingHasRowsAllTheSame() {
        Pace pace = new Pace(1);
        pace.end();
        assertEquals(10, pace.rows().size());
        assertTrue(Double.isNaN(pace.lastToFirst()));
    }
}
