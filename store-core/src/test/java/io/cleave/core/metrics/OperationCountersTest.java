package io.cleave.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that count, end, and are summed up. */
@Timeout(600)
final class OperationCountersTest {
    /** Advances by one nanosecond with each look. */
    private static final class TickingClock {
        private long nanos;

        synchronized long tick() {
            return nanos++;
        }
    }

    private final TickingClock clock = new TickingClock();

    private static void run(OperationCells cells, int operations) {
        for (int i = 0; i < operations; i++) {
            long start = cells.begin();
            cells.count(OperationCounter.PUT, 1);
            if (start != OperationCells.UNTIMED) {
                cells.end(TimedOperation.PUT, start);
            }
        }
    }

    @Test
    void everyOperationIsCountedAndAboutOneInSixtyFourTimed() {
        OperationCounters counters = new OperationCounters(clock::tick, 64);
        run(counters.own(), 1_000_000);
        OperationTotals totals = counters.totals();
        assertEquals(1_000_000, totals.count(OperationCounter.PUT));
        long samples = totals.latency(TimedOperation.PUT).samples();
        assertTrue(Math.abs(samples - 1_000_000 / 64) < 500, samples + " samples of a million");
        assertEquals(Latency.NONE, totals.latency(TimedOperation.GET));
    }

    @Test
    void gapsBetweenSamplesVary() {
        OperationCells cells = new OperationCounters(clock::tick, 64).own();
        List<Integer> gaps = new ArrayList<>();
        int gap = 0;
        while (gaps.size() < 1_000) {
            gap++;
            if (cells.begin() != OperationCells.UNTIMED) {
                gaps.add(gap);
                gap = 0;
            }
        }
        assertTrue(gaps.stream().allMatch(found -> found >= 1 && found < 128), gaps::toString);
        assertTrue(gaps.stream().distinct().count() > 100, gaps::toString);
    }

    @Test
    void aSampleOfOneTimesAll() {
        OperationCounters counters = new OperationCounters(clock::tick, 1);
        run(counters.own(), 100);
        assertEquals(new Latency(100, 1, 1, 1, 1, 1), counters.totals().latency(TimedOperation.PUT));
    }

    @Test
    void nothingIsLostWhenThreadsEnd() throws InterruptedException {
        OperationCounters counters = new OperationCounters(clock::tick, 1);
        long expected = 0;
        for (int i = 1; i <= 300; i++) {
            int operations = i;
            Thread thread = new Thread(() -> run(counters.own(), operations));
            thread.start();
            thread.join();
            expected += operations;
        }
        assertTrue(counters.registeredCount() <= 64, counters.registeredCount() + " threads are kept that have ended");
        OperationTotals totals = counters.totals();
        assertEquals(0, counters.registeredCount());
        assertEquals(expected, totals.count(OperationCounter.PUT));
        assertEquals(expected, totals.latency(TimedOperation.PUT).samples());
        assertEquals(expected, counters.totals().count(OperationCounter.PUT));
    }

    @Test
    void countsOfLiveThreadsNeverFall() throws InterruptedException {
        OperationCounters counters = new OperationCounters(clock::tick, 4);
        CountDownLatch begun = new CountDownLatch(2);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(new Thread(() -> {
                begun.countDown();
                run(counters.own(), 200_000);
            }));
        }
        threads.forEach(Thread::start);
        begun.await();
        long last = 0;
        for (int i = 0; i < 1_000; i++) {
            long now = counters.totals().count(OperationCounter.PUT);
            assertTrue(now >= last, now + " after " + last);
            last = now;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(400_000, counters.totals().count(OperationCounter.PUT));
    }

    @Test
    void storesHaveCellsOfTheirOwn() {
        OperationCounters one = new OperationCounters(clock::tick, 64);
        OperationCounters other = new OperationCounters(clock::tick, 64);
        assertSame(one.own(), one.own());
        assertNotSame(one.own(), other.own());
        assertTrue(one.own().isOf(one));
        assertTrue(!one.own().isOf(other));
    }

    @Test
    void aSampleOfNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new OperationCounters(clock::tick, 0));
    }
}
