package io.cleave.route;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
                new RoutedIndex.IndexPlace(
                        1, SimulatedStorage.DIRECTORY.resolve("index-00001"), 10, new RetryPolicy(storage, 1_000)));
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
}
