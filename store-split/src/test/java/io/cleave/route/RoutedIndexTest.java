package io.cleave.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.run.RunOptions;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import org.junit.jupiter.api.Test;

/** An index without a store around it. */
final class RoutedIndexTest {
    private static RoutedIndex create(SegmentFixture fixture, Storage storage) {
        return RoutedIndex.create(
                fixture.context(),
                new IndexPlace(
                        "test",
                        1,
                        SimulatedStorage.DIRECTORY.resolve("index-00001"),
                        StoredOptions.of(RunOptions.defaults()),
                        10,
                        new RetryPolicy(storage, 1_000)));
    }

    @Test
    void anIndexThatCannotBeCreatedHoldsNothing() {
        for (Fault fault : Fault.values()) {
            long failures = 0;
            long calls = Long.MAX_VALUE;
            for (long call = 1; call <= calls; call++) {
                SimulatedStorage disk = new SimulatedStorage(1);
                FaultingStorage storage = new FaultingStorage(disk).failAt(call, fault, false);
                try (SegmentFixture fixture = new SegmentFixture(storage)) {
                    try {
                        create(fixture, storage).close();
                    } catch (StoreException e) {
                        failures++;
                    }
                }
                if (storage.callCount() < call) {
                    calls = call;
                }
                long at = call;
                assertTrue(
                        disk.counters().nothingHeld(),
                        () -> "left open after " + fault + " at call " + at + ": " + disk.counters());
            }
            assertTrue(failures > 0, fault + " never struck");
        }
    }

    /** While a segment is isolated a lease holds two things, and gives back each once. */
    @Test
    void aLeaseGivesTheSideMemtableBackOnce() {
        SimulatedStorage disk = new SimulatedStorage(1);
        try (SegmentFixture fixture = new SegmentFixture(disk)) {
            RoutedIndex index = create(fixture, disk);
            SegmentSlot slot = index.loadedSlot(SegmentFixture.bytes("key"));
            MemtableLayer side = fixture.layer("key", "value");
            fixture.locked(() -> slot.divertLocked(side));
            for (int round = 0; round < 3; round++) {
                SlotLease lease = index.lease(SegmentFixture.bytes("key"));
                assertEquals(2, side.shared().references(), "held by the slot and the lease");
                lease.close();
                lease.close();
                assertEquals(1, side.shared().references(), "held by the slot");
            }
            index.close();
            side.shared().release();
        }
    }
}
