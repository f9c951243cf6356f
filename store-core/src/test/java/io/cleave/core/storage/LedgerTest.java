package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.error.StoreException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is refused is not counted. */
final class LedgerTest {
    private static final int REFUSALS = 50_000;

    private final Ledger ledger = new Ledger(new StorageLimits(2, 1_000, 10, 1_000));

    @Test
    void whatIsRefusedLeavesTheFiguresAsTheyWere() {
        ledger.addMapping(900, false);
        ledger.addMemory(900);
        StorageCounters before = ledger.counters();
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(101, false));
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMemory(101));
        assertEquals(before, ledger.counters());
        ledger.addMapping(100, false);
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(0, false));
        assertEquals(2, ledger.counters().mappings());
    }

    @Test
    void theFilesOfTheLogAreCountedAndNotRefused() {
        ledger.addMapping(5_000, true);
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(1, false));
        assertEquals(5_000, ledger.counters().mappedBytes());
    }

    /** One asks for more than there is, over and over; the other's request always fits. */
    @Test
    void whatIsRefusedTakesRoomFromNobodyMeanwhile() throws InterruptedException {
        AtomicInteger refusals = new AtomicInteger();
        Thread greedy = new Thread(() -> {
            for (int i = 0; i < REFUSALS; i++) {
                refusals.addAndGet(isRefused(() -> ledger.addMemory(2_000)) ? 1 : 0);
                refusals.addAndGet(isRefused(() -> ledger.addMapping(2_000, false)) ? 1 : 0);
            }
        });
        greedy.start();
        while (greedy.isAlive()) {
            ledger.addMemory(1_000);
            ledger.removeMemory(1_000);
            ledger.addMapping(1_000, false);
            ledger.removeMapping(1_000);
        }
        greedy.join();
        assertEquals(2 * REFUSALS, refusals.get());
        assertEquals(0, ledger.counters().memoryBytes());
    }

    private static boolean isRefused(Runnable request) {
        try {
            request.run();
            return false;
        } catch (StoreException.LimitReached e) {
            return true;
        }
    }
}
