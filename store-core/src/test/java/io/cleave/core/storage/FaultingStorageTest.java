package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Storage.PathKind;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a storage with faults does to each kind of call, and that without a fault it does nothing. */
final class FaultingStorageTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private SimulatedStorage simulated;
    private FaultingStorage storage;

    @BeforeEach
    void openStorage() {
        simulated = leaks.watch(new SimulatedStorage(1));
        storage = new FaultingStorage(simulated);
    }

    /** Unarmed, it keeps the contract. */
    @Nested
    final class WithoutAFault extends StorageContract {
        @Override
        Storage newStorage() {
            return new FaultingStorage(new SimulatedStorage(1));
        }

        @Override
        Path newDirectory() {
            return DIRECTORY;
        }
    }

    private void work() {
        storage.createDirectory(DIRECTORY.resolve("d"));
        try (StorageFile file = storage.create(DIRECTORY.resolve("a"))) {
            file.append(new byte[] {1, 2, 3, 4}, 0, 4);
            file.read(0, new byte[4], 0, 4);
            file.size();
            file.force();
        }
        try (WritableRegion region = storage.createWritable(DIRECTORY.resolve("w"), 4096)) {
            region.put(0, new byte[] {5, 6}, 0, 2);
            region.putIntRelease(4, 1);
            region.force(0, 4096);
        }
        storage.rename(DIRECTORY.resolve("a"), DIRECTORY.resolve("b"));
        storage.forceDirectory(DIRECTORY);
        storage.map(DIRECTORY.resolve("b")).close();
        storage.readAll(DIRECTORY.resolve("b"), 10);
        storage.list(DIRECTORY);
        storage.kind(DIRECTORY);
        storage.tryLock(DIRECTORY.resolve("LOCK")).close();
        storage.delete(DIRECTORY.resolve("b"));
    }

    @Test
    void everyCallOfAWorkloadFailsOnceAndLeavesNothingOpen() {
        storage.listCalls();
        work();
        List<String> calls = storage.calls();
        assertEquals(storage.callCount(), calls.size());
        assertEquals(18, calls.size(), calls.toString());
        assertEquals("create /sim/a", calls.get(1));
        for (Fault fault : Fault.values()) {
            int fired = 0;
            for (int at = 1; at <= calls.size(); at++) {
                openStorage();
                storage.failAt(at, fault, false);
                try {
                    work();
                    assertEquals(0, storage.fired(), () -> fault + " was swallowed");
                } catch (StoreException e) {
                    assertTrue(e.getMessage().contains("injected " + fault), e.getMessage());
                    assertEquals(1, storage.fired());
                    fired++;
                }
                assertTrue(simulated.counters().nothingHeld(), fault + " at " + calls.get(at - 1));
            }
            int expected = switch (fault) {
                case IO_ERROR, DONE_THEN_IO_ERROR -> 18;
                case DISK_FULL -> 8;
                case NO_ROOM -> 5;
                case SHORT_WRITE -> 2;
                case SYNC_FAILS -> 12;
                case TOO_MANY_FILES -> 7;
            };
            assertEquals(expected, fired, fault.toString());
        }
    }

    @Test
    void aFaultForGoodStaysUntilDisarmed() {
        storage.failAt(1, Fault.DISK_FULL, true);
        assertThrows(StoreException.DiskFull.class, () -> storage.create(DIRECTORY.resolve("a")));
        assertThrows(StoreException.DiskFull.class, () -> storage.create(DIRECTORY.resolve("a")));
        assertEquals(List.of(), storage.list(DIRECTORY));
        assertEquals(2, storage.fired());
        storage.disarm();
        storage.create(DIRECTORY.resolve("a")).close();
    }

    @Test
    void aShortWriteLeavesHalfAndABrokenFile() {
        StorageFile file = storage.create(DIRECTORY.resolve("a"));
        storage.failAt(2, Fault.SHORT_WRITE, false);
        assertThrows(StoreException.Io.class, () -> file.append(new byte[] {1, 2, 3, 4}, 0, 4));
        assertThrows(StoreException.Io.class, () -> file.append(new byte[1], 0, 1));
        assertThrows(StoreException.Io.class, file::force);
        file.close();
        assertArrayEquals(new byte[] {1, 2}, storage.readAll(DIRECTORY.resolve("a"), 10));
    }

    @Test
    void aSecondTryOfAFailedSyncLies() {
        WritableRegion region = storage.createWritable(DIRECTORY.resolve("w"), 512);
        storage.forceDirectory(DIRECTORY);
        region.put(0, new byte[] {7}, 0, 1);
        storage.failAt(1, Fault.SYNC_FAILS, false);
        assertThrows(StoreException.Io.class, () -> region.force(0, 512));
        region.force(0, 512);
        storage.create(DIRECTORY.resolve("a")).close();
        storage.failAt(1, Fault.SYNC_FAILS, false);
        assertThrows(StoreException.Io.class, () -> storage.forceDirectory(DIRECTORY));
        storage.forceDirectory(DIRECTORY);
        boolean byteLost = false;
        boolean nameLost = false;
        for (long seed = 0; seed < 50; seed++) {
            SimulatedStorage after = simulated.crash(seed);
            byteLost |= after.readAll(DIRECTORY.resolve("w"), 512)[0] == 0;
            nameLost |= after.kind(DIRECTORY.resolve("a")) == PathKind.ABSENT;
        }
        assertTrue(byteLost);
        assertTrue(nameLost);
    }

    @Test
    void aRenameMayHaveHappenedAlthoughItFailed() {
        storage.create(DIRECTORY.resolve("a")).close();
        storage.failAt(2, Fault.DONE_THEN_IO_ERROR, false);
        assertThrows(StoreException.Io.class, () -> storage.rename(DIRECTORY.resolve("a"), DIRECTORY.resolve("b")));
        assertEquals(PathKind.FILE, storage.kind(DIRECTORY.resolve("b")));
        assertEquals("[b]", Arrays.toString(storage.list(DIRECTORY).toArray()));
    }
}
