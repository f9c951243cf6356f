package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Short sessions leave nothing behind (ADR 0031). */
final class StoreShortSessionTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int RUNS_MAX = 5;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private static StoreOptions.Builder options(SimulatedStorage storage, int threads) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(threads)
                .syncIntervalMillis(0)
                .leakDetection(LeakDetection.OFF)
                .logFileBytes(64 << 10);
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    private static int runs(SegmentStore store) {
        store.index("a").get(key(0));
        return store.index("a").stats().segments().get(0).runs();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void sessionsThatPutAndCloseLeaveFewRuns(int threads) {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        for (int i = 0; i < 60; i++) {
            try (SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(storage, threads).build())) {
                assertTrue(runs(store) <= RUNS_MAX, runs(store) + " runs in session " + i);
                store.index("a").put(key(i % 10), key(i));
            }
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(storage, threads).build())) {
            for (int i = 50; i < 60; i++) {
                assertArrayEquals(key(i), store.index("a").get(key(i % 10)));
            }
        }
    }

    @Test
    void sessionsThatPutAndDeleteLeaveNothing() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        for (int i = 0; i < 40; i++) {
            try (SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(storage, 2).build())) {
                store.index("a").put(key(i), new byte[1_000]);
                store.index("a").delete(key(i - 1));
            }
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(storage, 2).build())) {
            store.index("a").get(key(0));
            assertTrue(store.index("a").stats().runBytes() < 16 << 10);
        }
    }

    @Test
    void aSessionThatOnlyReadsBringsTooManyRunsInOrder() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY, options(storage, 0).deltasMax(100).mainShare(1).build())) {
            store.index("a").put(key(0), new byte[300_000]);
            store.index("a").flush();
            for (int i = 1; i < 30; i++) {
                store.index("a").put(key(i), key(i));
                store.index("a").flush();
            }
            assertEquals(30, runs(store));
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(storage, 2).build())) {
            store.index("a").get(key(0));
            store.awaitMaintenance();
            assertTrue(runs(store) <= RUNS_MAX, runs(store) + " runs");
        }
    }

    @Test
    void aSessionThatReadsWhatIsInOrderWritesNoRun() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        for (int i = 0; i < 3; i++) {
            try (SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(storage, 2).build())) {
                store.index("a").put(key(i), key(i));
            }
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(storage, 2).build())) {
            int before = runs(store);
            store.awaitMaintenance();
            assertEquals(before, runs(store));
            assertEquals(0, store.metrics().compactions().count());
        }
    }

    @Test
    void aCloseLeavesLargeMergesToTheNextLoad() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        long large = DueWork.SETTLE_BYTES_MAX;
        int part = 1 << 20;
        StoreOptions.Builder slow = options(storage, 0)
                .deltasMax(100)
                .mainShare(1)
                .segmentBytesMax(64 << 20)
                .memtableBytesMax(64 << 20)
                .logFileBytes(8 << 20);
        int left;
        try (SegmentStore store = SegmentStore.open(DIRECTORY, slow.build())) {
            for (long i = 0; i * part <= large; i++) {
                store.index("a").put(key(i), new byte[part]);
            }
            store.index("a").flush();
            for (int i = 0; i < 6; i++) {
                store.index("a").put(key(100 + i), key(i));
                store.index("a").flush();
            }
            left = runs(store);
            assertTrue(left > RUNS_MAX);
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, slow.deltasMax(4).mainShare(0.75).build())) {
            // Without threads nothing runs before the close, which leaves it.
            assertEquals(left, runs(store));
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, slow.maintenanceThreads(1).build())) {
            assertTrue(runs(store) <= left);
            store.awaitMaintenance();
            assertTrue(runs(store) <= RUNS_MAX, runs(store) + " runs");
        }
    }

    @Test
    void sessionsThatAreKilledLeaveFewLogFiles() {
        SimulatedStorage storage = new SimulatedStorage(1);
        for (int i = 0; i < 40; i++) {
            SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(storage, 0).build());
            assertTrue(
                    store.stats().logFiles() <= DueWork.LOG_FILES_MAX + 1,
                    store.stats().logFiles() + " files in session " + i);
            assertTrue(runs(store) <= RUNS_MAX, runs(store) + " runs in session " + i);
            store.index("a").put(key(i), key(i));
            storage = storage.kill();
        }
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(leaks.watch(storage), 0).build())) {
            for (int i = 0; i < 40; i++) {
                assertArrayEquals(key(i), store.index("a").get(key(i)));
            }
        }
    }
}
