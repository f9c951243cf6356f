package io.cleave.maintenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.storage.SimulatedStorage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class WritePacingTest {
    private final MemoryBudget budget = new MemoryBudget(1_000);
    private final WritePacing pacing = new WritePacing(new SimulatedStorage(1), budget);

    @Test
    void doesNotDelayBelowTheSlowShare() {
        budget.reserve(850);
        for (int i = 0; i < 10; i++) {
            assertTrue(pacing.admit());
        }
        assertEquals(0, pacing.count(StallReason.MEMORY_SLOWDOWN));
        assertEquals(85, WritePacing.SLOW_PERCENT);
    }

    @Test
    void countsEachDelayAboveWithItsReason() {
        budget.reserve(851);
        assertTrue(pacing.admit());
        budget.reserve(149);
        assertTrue(pacing.admit());
        assertEquals(2, pacing.count(StallReason.MEMORY_SLOWDOWN));
        assertTrue(pacing.nanos(StallReason.MEMORY_SLOWDOWN) > 0);
        assertEquals(0, pacing.count(StallReason.DELTAS_SLOWDOWN));
        assertEquals(0, pacing.count(StallReason.MEMORY_STOP));
    }

    @Test
    void refusesAboveTheLimitAndAdmitsAgainBelowIt() {
        budget.reserve(1_001);
        assertFalse(pacing.admit());
        assertFalse(pacing.admit());
        budget.release(600);
        assertTrue(pacing.admit());
        assertEquals(0, pacing.count(StallReason.MEMORY_SLOWDOWN));
    }

    @Test
    void countsWaitsThatHappenElsewhere() {
        pacing.count(StallReason.MEMORY_STOP, TimeUnit.MILLISECONDS.toNanos(3));
        pacing.count(StallReason.MEMORY_STOP, TimeUnit.MILLISECONDS.toNanos(4));
        assertEquals(2, pacing.count(StallReason.MEMORY_STOP));
        assertEquals(TimeUnit.MILLISECONDS.toNanos(7), pacing.nanos(StallReason.MEMORY_STOP));
    }

    @Test
    void delaysAndCountsAWriteToASegmentWithTooManyDeltas() {
        pacing.delayForDeltas();
        assertEquals(1, pacing.count(StallReason.DELTAS_SLOWDOWN));
        assertTrue(pacing.nanos(StallReason.DELTAS_SLOWDOWN) > 0);
        assertEquals(0, pacing.count(StallReason.MEMORY_SLOWDOWN));
    }

    @Test
    void worksWithTheSmallestBudgets() {
        for (long limit : new long[] {1, 99}) {
            MemoryBudget small = new MemoryBudget(limit);
            WritePacing tight = new WritePacing(new SimulatedStorage(1), small);
            assertTrue(tight.admit());
            small.reserve(limit + 1);
            assertFalse(tight.admit());
        }
    }
}
