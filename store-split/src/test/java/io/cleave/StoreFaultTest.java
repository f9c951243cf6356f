package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A full disk, a sync that fails, a background task that throws: each is told truthfully, and the store goes on or is cured. */
final class StoreFaultTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final long CAPACITY = 200_000;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage simulated = leaks.watch(new SimulatedStorage(1));
    private final NavigableMap<byte[], byte[]> acknowledged = StoreHistory.newMap();
    private QuietLog quiet;

    @BeforeEach
    void silence() {
        quiet = new QuietLog();
    }

    @AfterEach
    void speak() {
        quiet.close();
    }

    private static StoreOptions.Builder options(Storage storage, int threads) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(threads)
                .syncIntervalMillis(0)
                .memtableBytesMax(256 << 10)
                .segmentMemtableBytesMax(16 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(100)
                .logFileBytes(16 << 10)
                .logBytesMax(64 << 10);
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 2})
    void aFullDiskIsToldAndWritesGoOnWhenThereIsRoomAgain(int threads) {
        simulated.withCapacity(CAPACITY);
        SegmentStore store =
                SegmentStore.open(DIRECTORY, options(simulated, threads).build());
        SegmentIndex index = store.index("a");
        assertThrows(StoreException.DiskFull.class, () -> {
            for (int i = 0; i < 100_000; i++) {
                put(index, i);
            }
        });
        assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "while the disk is full");
        simulated.withCapacity(Long.MAX_VALUE);
        int next = acknowledged.size();
        for (int i = next; i < next + 500; i++) {
            put(index, i);
        }
        index.flush();
        store.close();
        requireAcknowledged();
    }

    @Test
    void aDiskThatFillsUpDuringAKillLosesNothingOnceThereIsRoom() {
        simulated.withCapacity(CAPACITY);
        SegmentStore store = SegmentStore.open(DIRECTORY, options(simulated, 0).build());
        SegmentIndex index = store.index("a");
        assertThrows(StoreException.DiskFull.class, () -> {
            for (int i = 0; i < 100_000; i++) {
                put(index, i);
            }
        });
        SimulatedStorage next = simulated.kill().withCapacity(Long.MAX_VALUE);
        CrashWorkload.abandon(store);
        try (SegmentStore again = SegmentStore.open(DIRECTORY, options(next, 0).build())) {
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(again.index("a"))));
        }
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 2})
    void aFailedSyncRefusesWritesForGoodReadsGoOnAndReopeningCures(int threads) {
        FaultingStorage faulting = new FaultingStorage(simulated);
        SegmentStore store =
                SegmentStore.open(DIRECTORY, options(faulting, threads).build());
        SegmentIndex index = store.index("a");
        for (int i = 0; i < 300; i++) {
            put(index, i);
        }
        faulting.failAt(faulting.callCount() + 1, Fault.SYNC_FAILS, true);
        byte[] key = key(1_000);
        assertThrows(StoreException.class, () -> index.put(key, key, Durability.DEVICE));
        faulting.disarm();
        for (int i = 0; i < 3; i++) {
            StoreException.Poisoned thrown = assertThrows(StoreException.Poisoned.class, () -> index.put(key, key));
            assertNotNull(thrown.getCause(), "the first failure");
            assertThrows(StoreException.Poisoned.class, () -> index.delete(key));
            assertThrows(StoreException.Poisoned.class, store::sync);
            assertThrows(StoreException.Poisoned.class, index::flush);
            assertThrows(StoreException.Poisoned.class, () -> store.index("new"));
            assertThrows(StoreException.Poisoned.class, () -> store.dropIndex("a"));
        }
        NavigableMap<byte[], byte[]> found = StoreHistory.scan(index);
        found.remove(key);
        assertNull(StoreHistory.difference(acknowledged, found), "reads of a poisoned store");
        store.close();
        try (SegmentStore again =
                SegmentStore.open(DIRECTORY, options(faulting, threads).build())) {
            NavigableMap<byte[], byte[]> left = StoreHistory.scan(again.index("a"));
            // The refused write may or may not be there; it was not acknowledged.
            left.remove(key);
            assertNull(StoreHistory.difference(acknowledged, left), "after reopening");
            again.index("a").put(key, key, Durability.DEVICE);
        }
    }

    @Test
    void aFailedSyncInTheCreationOrDropOfAnIndexRefusesWritesForGood() {
        long struck = 0;
        for (int call = 1; call < 80; call++) {
            FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(call)));
            SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(faulting, 0).build());
            SegmentIndex index = store.index("a");
            faulting.failAt(faulting.callCount() + call, Fault.SYNC_FAILS, false);
            StoreException failed = failureOf(() -> {
                store.index("b");
                store.dropIndex("b");
            });
            faulting.disarm();
            if (failed != null) {
                struck++;
                assertThrows(StoreException.Poisoned.class, () -> index.put(key(1), key(1)), () -> "after " + failed);
            }
            failureOf(store::close);
        }
        assertTrue(struck > 5, "hardly anything was synced");
    }

    @Test
    void aCreationOfAnIndexOrAFlushWhoseCleanUpFailsTooHoldsNothing() {
        for (int call = 1; call < 80; call++) {
            FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(call)));
            SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(faulting, 0).build());
            SegmentIndex index = store.index("a");
            index.put(key(1), key(1));
            faulting.failAt(faulting.callCount() + call, Fault.IO_ERROR, true);
            failureOf(index::flush);
            failureOf(() -> store.index("b"));
            failureOf(store::close);
        }
    }

    @Test
    void aPublishThatFailedIsToldAsPoisonedWhateverItsCleanUpThrows() {
        for (int call = 1; call < 60; call++) {
            FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(call)));
            SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(faulting, 0).build());
            faulting.failAt(faulting.callCount() + call, Fault.TOO_MANY_FILES, true);
            StoreException failed = failureOf(() -> store.index("a"));
            faulting.disarm();
            failureOf(store::close);
            if (failed != null && !(failed instanceof StoreException.Poisoned)) {
                try (SegmentStore again =
                        SegmentStore.open(DIRECTORY, options(faulting, 0).build())) {
                    assertEquals(
                            0, again.indexNames().size(), "there after all, call " + call + ", told was " + failed);
                }
            }
        }
    }

    @Test
    void aLogThatFailsRefusesUnloggedWritesAndFlushesToo() {
        FaultingStorage faulting = new FaultingStorage(simulated);
        SegmentStore store = SegmentStore.open(DIRECTORY, options(faulting, 0).build());
        SegmentIndex index = store.index("a");
        put(index, 1);
        faulting.failAt(faulting.callCount() + 1, Fault.IO_ERROR, false);
        assertThrows(StoreException.Poisoned.class, () -> index.put(key(2), key(2)));
        assertThrows(StoreException.Poisoned.class, () -> index.put(key(3), key(3), Durability.MEMORY));
        assertThrows(StoreException.Poisoned.class, () -> store.index("b"));
        store.close();
        requireAcknowledged();
    }

    @Test
    void aFailedSyncOfALogFileThatAWriteHadToMakeRefusesWritesForGood() {
        FaultingStorage faulting = new FaultingStorage(simulated);
        SegmentStore store = SegmentStore.open(DIRECTORY, options(faulting, 0).build());
        SegmentIndex index = store.index("a");
        put(index, 1);
        faulting.failAt(faulting.callCount() + 1, Fault.SYNC_FAILS, false);
        // Larger than the first file, so nothing was prepared for it.
        assertThrows(StoreException.Poisoned.class, () -> index.put(key(2), new byte[20 << 10]));
        assertEquals(1, faulting.fired());
        assertNotNull(assertThrows(StoreException.Poisoned.class, () -> index.put(key(3), key(3)))
                .getCause());
        assertThrows(StoreException.Poisoned.class, store::sync);
        assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "reads go on");
        store.close();
        requireAcknowledged();
    }

    /** What a step throws of the store's own, or null. */
    static StoreException failureOf(Runnable step) {
        try {
            step.run();
            return null;
        } catch (StoreException e) {
            return e;
        }
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 1, 3})
    void aFlushThatThrowsTellsItsCauseAndTheNextOneGoesOn(int threads) {
        for (Throwable cause :
                new Throwable[] {new IllegalStateException("injected"), new AssertionError("injected")}) {
            ThrowingStorage throwing = new ThrowingStorage(simulated);
            SegmentStore store = SegmentStore.open(
                    DIRECTORY, options(throwing.storage(), threads).build());
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 20; i++) {
                put(index, i);
            }
            throwing.arm(cause, path -> path.toString().endsWith(".run"));
            assertCause(cause, assertThrows(RuntimeException.class, index::flush));
            assertCause(cause, assertThrows(RuntimeException.class, index::compact));
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "after a failed flush");
            throwing.arm(null, path -> false);
            put(index, 21);
            index.flush();
            index.compact();
            assertTrue(store.stats().failures() > 0, "failures are not counted");
            store.close();
            requireAcknowledged();
        }
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 1, 3})
    void aSplitThatThrowsLeavesTheSegmentInUse(int threads) {
        for (Throwable cause :
                new Throwable[] {new IllegalStateException("injected"), new AssertionError("injected")}) {
            ThrowingStorage throwing = new ThrowingStorage(simulated);
            SegmentStore store = SegmentStore.open(
                    DIRECTORY, options(throwing.storage(), threads).build());
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 60; i++) {
                put(index, i);
            }
            index.flush();
            long segment = index.stats().segments().get(0).id();
            String directory = String.format("segment-%05d", segment);
            throwing.arm(
                    cause,
                    path -> path.toString().endsWith(".run") && !path.toString().contains(directory));
            assertCause(cause, assertThrows(RuntimeException.class, () -> index.split(segment)));
            for (int i = 0; i < 60; i += 3) {
                put(index, i);
            }
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "after a failed split");
            throwing.arm(null, path -> false);
            index.flush();
            assertEquals(segment, index.stats().segments().get(0).id(), "the old segment stays in the map");
            assertTrue(index.split(segment), "a segment whose split failed can't be split any more");
            store.close();
            requireAcknowledged();
        }
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 1})
    void aQuotaThatCantLookAtTheFilesIsNoReasonToRefuseWrites(int threads) {
        ThrowingStorage throwing = new ThrowingStorage(simulated, "list");
        StoreOptions options = options(throwing.storage(), threads)
                .limits(StoreLimits.none().withDiskBytesMax(1 << 20))
                .build();
        SegmentStore store = SegmentStore.open(DIRECTORY, options);
        SegmentIndex index = store.index("a");
        put(index, 0);
        throwing.arm(new StoreException.Io("injected", new IOException("injected")), path -> true);
        index.flush();
        store.awaitMaintenance();
        put(index, 1);
        assertEquals(0, store.stats().failures());
        store.close();
        throwing.arm(null, path -> false);
        requireAcknowledged();
    }

    @Test
    void aSplitThatFindsNoRoomHoldsNothingAfterwards() {
        SegmentStore store = SegmentStore.open(DIRECTORY, options(simulated, 0).build());
        SegmentIndex index = store.index("a");
        for (int i = 0; i < 60; i++) {
            put(index, i);
        }
        index.flush();
        long locks = simulated.counters().locks();
        long used = simulated.usedBytes();
        long segment = index.stats().segments().get(0).id();
        int failed = 0;
        boolean split = false;
        for (long room = 0; !split; room += 100) {
            simulated.withCapacity(used + room);
            try {
                split = index.split(segment);
            } catch (StoreException.DiskFull e) {
                failed++;
                assertEquals(locks, simulated.counters().locks(), "locks after a split without room, " + room);
                assertEquals(used, simulated.usedBytes(), "bytes after a split without room, " + room);
                assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "after a failed split");
            }
        }
        assertTrue(failed > 3, "the disk was never full");
        simulated.withCapacity(Long.MAX_VALUE);
        store.close();
        requireAcknowledged();
    }

    @Test
    void aFlushThatFindsNoRoomHoldsNothingAfterwards() {
        SegmentStore store = SegmentStore.open(DIRECTORY, options(simulated, 0).build());
        SegmentIndex index = store.index("a");
        for (int i = 0; i < 60; i++) {
            put(index, i);
        }
        store.sync();
        long used = simulated.usedBytes();
        int failed = 0;
        boolean flushed = false;
        for (long room = 0; !flushed; room += 100) {
            simulated.withCapacity(used + room);
            try {
                index.flush();
                flushed = true;
            } catch (StoreException.DiskFull e) {
                failed++;
                assertEquals(used, simulated.usedBytes(), "bytes after a flush without room, " + room);
            }
        }
        assertTrue(failed > 3, "the disk was never full");
        simulated.withCapacity(Long.MAX_VALUE);
        store.close();
        requireAcknowledged();
    }

    @Test
    void aDiskThatStaysFullIsToldOnceInAWhileNotWithEachTry() {
        FaultingStorage faulting = new FaultingStorage(simulated);
        Logger logger = Logger.getLogger("io.cleave.StoreMaintenance");
        List<String> told = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                told.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.WARNING);
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(faulting, 0).build())) {
            SegmentIndex index = store.index("a");
            put(index, 1);
            faulting.failAt(faulting.callCount(), Fault.DISK_FULL, true);
            int tries = 50;
            for (int i = 0; i < tries; i++) {
                assertTrue(failureOf(index::flush) instanceof StoreException.DiskFull);
            }
            faulting.disarm();
            assertTrue(store.stats().failures() >= tries, () -> store.stats().toString());
            assertEquals(1, told.size(), told::toString);
            assertTrue(told.get(0).contains("and is tried again: TaskKey[kind=FLUSH"), told::toString);
            index.flush();
        } finally {
            logger.setLevel(null);
            logger.setUseParentHandlers(true);
            logger.removeHandler(handler);
        }
    }

    @Test
    void aFlushOrSplitThatMayOpenNoMoreFilesLeavesNone() {
        int struck = 0;
        for (int call = 1; call < 150; call++) {
            FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(call)));
            SegmentStore store =
                    SegmentStore.open(DIRECTORY, options(faulting, 0).build());
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 60; i++) {
                index.put(key(i), key(i));
            }
            faulting.failAt(faulting.callCount() + call, Fault.TOO_MANY_FILES, false);
            StoreException failed = failureOf(() -> {
                index.flush();
                Splits.ofFirst(index);
            });
            boolean fired = faulting.fired() > 0;
            faulting.disarm();
            // Where others may give a file back, the call is made once more, and all is well.
            if (fired && (failed == null || failed instanceof StoreException.LimitReached)) {
                struck++;
                StoreOrphans.requireNone(store);
            }
            failureOf(store::close);
        }
        assertTrue(struck > 5, "hardly anything was opened: " + struck);
    }

    @Test
    void aBrokenVirtualMachinePoisonsTheStoreAndReopeningCures() {
        ThrowingStorage throwing = new ThrowingStorage(simulated);
        SegmentStore store =
                SegmentStore.open(DIRECTORY, options(throwing.storage(), 1).build());
        SegmentIndex index = store.index("a");
        put(index, 1);
        Throwable cause = new StackOverflowError("injected");
        throwing.arm(cause, path -> path.toString().endsWith(".run"));
        assertCause(cause, assertThrows(RuntimeException.class, index::flush));
        assertCause(cause, assertThrows(StoreException.Poisoned.class, () -> index.put(key(2), key(2))));
        throwing.arm(null, path -> false);
        store.close();
        requireAcknowledged();
    }

    private void put(SegmentIndex index, int number) {
        byte[] value = ("value " + number + "x".repeat(number % 90)).getBytes(StandardCharsets.US_ASCII);
        index.put(key(number), value);
        acknowledged.put(key(number), value);
    }

    private void requireAcknowledged() {
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options(simulated, 0).build())) {
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(store.index("a"))), "after reopening");
            put(store.index("a"), 0);
            assertEquals(0, store.stats().failures());
        }
    }

    private static void assertCause(Throwable expected, Throwable thrown) {
        Throwable last = thrown;
        while (last.getCause() != null && last != expected) {
            last = last.getCause();
        }
        assertSame(expected, last, () -> "the cause is lost: " + thrown);
    }

    private static byte[] key(int number) {
        return ("key " + number).getBytes(StandardCharsets.US_ASCII);
    }

    /** A storage of which one kind of call, on chosen files, throws what it is given. */
    private static final class ThrowingStorage {
        private final Storage storage;
        private final AtomicReference<Throwable> thrown = new AtomicReference<>();
        private volatile Predicate<Path> paths = path -> false;

        ThrowingStorage(Storage inner) {
            this(inner, "create");
        }

        ThrowingStorage(Storage inner, String call) {
            storage = (Storage) Proxy.newProxyInstance(
                    StoreFaultTest.class.getClassLoader(),
                    new Class<?>[] {Storage.class},
                    (proxy, method, arguments) -> {
                        Throwable injected = thrown.get();
                        if (injected != null && method.getName().equals(call) && paths.test((Path) arguments[0])) {
                            throw injected;
                        }
                        try {
                            return method.invoke(inner, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        Storage storage() {
            return storage;
        }

        void arm(Throwable injected, Predicate<Path> chosen) {
            paths = chosen;
            thrown.set(injected);
        }
    }
}
