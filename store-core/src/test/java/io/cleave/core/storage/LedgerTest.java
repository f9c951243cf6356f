package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.error.StoreException;
import org.junit.jupiter.api.Test;

/** What is refused is not counted. */
final class LedgerTest {
    private final Ledger ledger = new Ledger(new StorageLimits(2, 1_000, 10, 1_000));

    @Test
    void whatIsRefusedLeavesTheFiguresAsTheyWere() {
        ledger.addMapping(900, MappingUse.WRITTEN);
        ledger.addMemory(900);
        StorageCounters before = ledger.counters();
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(101, MappingUse.WRITTEN));
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMemory(101));
        assertEquals(before, ledger.counters());
        ledger.addMapping(100, MappingUse.WRITTEN);
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(0, MappingUse.WRITTEN));
        assertEquals(2, ledger.counters().mappings());
    }

    @Test
    void theFilesOfTheLogAreCountedAndNotRefused() {
        ledger.addMapping(5_000, MappingUse.LOG);
        assertThrows(StoreException.LimitReached.class, () -> ledger.addMapping(1, MappingUse.WRITTEN));
        assertEquals(5_000, ledger.counters().mappedBytes());
    }
}
