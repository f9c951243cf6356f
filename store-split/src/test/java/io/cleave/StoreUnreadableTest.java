package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.run.Compression;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.inspect.Finding;
import io.cleave.inspect.StoreVerification;
import java.nio.file.Path;
import java.util.NavigableMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs whose mapped bytes can't be read any more: each call ends in an error of the store, no state is lost, and all is there once
 * they can be read again. Without maintenance nobody has written, so writes go on; a rewrite that met it leaves it to a reopening.
 */
final class StoreUnreadableTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int KEYS = 200;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage simulated = leaks.watch(new SimulatedStorage(1));
    private final UnreadableStorage unreadable = new UnreadableStorage(simulated);
    private final NavigableMap<byte[], byte[]> acknowledged = StoreHistory.newMap();

    private StoreOptions.Builder options() {
        return StoreOptions.builder()
                .storage(unreadable.storage())
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .segmentEntriesMax(60)
                .blockBytes(512)
                .logFileBytes(16 << 10);
    }

    private SegmentStore filled(StoreOptions options) {
        SegmentStore store = SegmentStore.open(DIRECTORY, options);
        SegmentIndex index = store.index("a");
        for (int i = 0; i < KEYS; i++) {
            put(index, i);
        }
        index.flush();
        index.compact();
        assertTrue(index.stats().segments().size() > 1, "one segment only");
        return store;
    }

    private void put(SegmentIndex index, int number) {
        byte[] value = DamageSubject.bytes("value " + number + "y".repeat(number % 50));
        index.put(key(number), value);
        acknowledged.put(key(number), value);
    }

    private static byte[] key(int number) {
        return DamageSubject.bytes("key-%04d".formatted(number));
    }

    @ParameterizedTest
    @EnumSource
    void readsEndInAnErrorOfTheStoreAndWritesGoOn(Compression compression) {
        try (SegmentStore store = filled(options().compression(compression).build())) {
            SegmentIndex index = store.index("a");
            Snapshot snapshot = store.snapshot();
            Cursor placed = index.cursor();
            assertTrue(placed.seek(key(7)));
            unreadable.failIn(".run");
            refused(() -> index.get(key(1)));
            refused(() -> index.get(key(2), new byte[5]));
            refused(() -> index.containsKey(key(3)));
            refused(() -> snapshot.get(index, key(4)));
            refused(() -> index.cursor().seek(key(5)));
            refused(() -> index.cursor().next());
            refused(() -> index.cursor(KeyRange.all().descending()).next());
            if (compression == Compression.NONE) {
                // A cursor over compressed blocks holds the one that it is in.
                refused(placed::valueBytes);
                refused(placed::value);
                refused(() -> placed.copyValue(0, new byte[3], 0, 3));
            }
            refused(() -> StoreHistory.scan(index));
            long faults = unreadable.faults();
            put(index, 3);
            put(index, KEYS + 1);
            assertArrayEquals(acknowledged.get(key(3)), index.get(key(3)), "from memory");
            assertEquals(faults, unreadable.faults(), "a write has read a run");
            unreadable.heal();
            assertArrayEquals(acknowledged.get(key(7)), placed.valueBytes());
            placed.close();
            snapshot.close();
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)));
            assertEquals(0, store.stats().failures());
        }
        requireAcknowledged();
    }

    @Test
    void segmentsThatCannotBeOpenedRefuseTheirReadsAndWrites() {
        filled(options().build()).close();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            SegmentIndex index = store.index("a");
            unreadable.failIn(".run");
            refused(() -> index.put(key(1), key(1)));
            refused(() -> index.delete(key(2)));
            refused(() -> index.get(key(2)));
            refused(() -> {
                try (WriteBatch batch = store.batch()) {
                    batch.put(index, key(3), key(3));
                    batch.commit();
                }
            });
            unreadable.heal();
            put(index, 4);
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)));
        }
        requireAcknowledged();
    }

    @Test
    void aCompactionOrSplitThatCannotReadLeavesItToAReopening() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SegmentStore store = filled(options().build());
            SegmentIndex index = store.index("a");
            put(index, 5);
            long segment = index.stats().segments().get(0).id();
            unreadable.failIn(".run");
            assertThrows(StoreException.class, () -> index.split(segment));
            assertThrows(StoreException.class, index::compact);
            unreadable.heal();
            assertThrows(StoreException.Poisoned.class, () -> index.put(key(6), key(6)));
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(index)), "reads go on");
            store.close();
        }
        requireAcknowledged();
    }

    @Test
    void verificationNamesTheRunsThatItCannotRead() {
        filled(options().build()).close();
        unreadable.failIn(".run");
        StoreVerification verification = new StoreVerification(unreadable.storage(), DIRECTORY, (done, total) -> {});
        assertTrue(verification.verify().findings().stream()
                .anyMatch(finding -> finding.severity() == Finding.Severity.ERROR
                        && finding.file().toString().endsWith(".run")));
        unreadable.heal();
        requireAcknowledged();
    }

    private void refused(Executable call) {
        long before = unreadable.faults();
        StoreException.Io thrown = assertThrows(StoreException.Io.class, call);
        assertTrue(thrown.getCause() instanceof InternalError, () -> "the cause is lost: " + thrown);
        assertTrue(thrown.getMessage().contains(DIRECTORY.toString()), thrown::getMessage);
        assertFalse(unreadable.faults() == before, "nothing was read");
    }

    private void requireAcknowledged() {
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options().build())) {
            assertNull(StoreHistory.difference(acknowledged, StoreHistory.scan(store.index("a"))), "after reopening");
            put(store.index("a"), 9);
        }
    }
}
