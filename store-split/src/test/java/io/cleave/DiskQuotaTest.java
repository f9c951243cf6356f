package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.route.RoutedIndex;
import org.junit.jupiter.api.Test;

/** What a quota counts, without a store. */
final class DiskQuotaTest {
    private final FaultingStorage storage = new FaultingStorage(new SimulatedStorage(1));

    private DiskQuota quota(StoreContextFixture fixture, long bytesMax) {
        StoreContext shared = fixture.shared;
        return new DiskQuota(shared.directory(), shared.storage(), shared.indexes(), shared.log(), bytesMax);
    }

    private StoreContextFixture filled() {
        StoreContextFixture fixture = StoreContextFixture.create(
                storage, StoreContextFixture.options().build());
        fixture.openLog(record -> {});
        RoutedIndex index = fixture.index(1);
        for (int i = 0; i < 100; i++) {
            fixture.put(index, StoreContextFixture.key(i), new byte[100]);
        }
        new StoreMaintenance(fixture.shared).flushLargestNow();
        return fixture;
    }

    @Test
    void withoutALimitNothingIsCounted() {
        try (StoreContextFixture fixture = filled()) {
            DiskQuota quota = quota(fixture, Long.MAX_VALUE);
            quota.refresh();
            assertFalse(quota.isSet());
            assertNull(quota.refusal());
            assertEquals(fixture.shared.log().writer().bytesOnDisk(), quota.usedBytes());
        }
    }

    @Test
    void runsAreCountedAtEachLookAndTheLogAtOnce() {
        try (StoreContextFixture fixture = filled()) {
            long log = fixture.shared.log().writer().bytesOnDisk();
            DiskQuota quota = quota(fixture, log + 10_000);
            assertEquals(log, quota.usedBytes());
            assertNull(quota.refusal());
            quota.refresh();
            assertTrue(quota.usedBytes() > log + 10_000, () -> quota.usedBytes() + " bytes");
            String message = quota.refusal().getMessage();
            assertTrue(message.contains("at most " + (log + 10_000)), message);
            assertTrue(message.contains("found " + quota.usedBytes()), message);
        }
    }

    @Test
    void aLookThatFailsChangesNothing() {
        try (StoreContextFixture fixture = filled()) {
            DiskQuota quota = quota(fixture, 1);
            quota.refresh();
            long before = quota.usedBytes();
            fixture.put(fixture.shared.indexes().byId(1), StoreContextFixture.key(200), new byte[10_000]);
            new StoreMaintenance(fixture.shared).flushLargestNow();
            storage.failAt(storage.callCount() + 1, Fault.IO_ERROR, false);
            try (QuietLog quiet = new QuietLog()) {
                quota.refresh();
                assert quiet.isQuiet();
            }
            assertEquals(before, quota.usedBytes());
            quota.refresh();
            assertTrue(quota.usedBytes() > before, "the next look finds what is new");
        }
    }
}
