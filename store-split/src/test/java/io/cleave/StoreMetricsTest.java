package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.metrics.Latency;
import io.cleave.core.metrics.LatencyWindow;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.event.RunTraffic;
import io.cleave.maintenance.StallReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each figure of {@link StoreMetrics} moves by what was done, and by nothing else. */
final class StoreMetricsTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int KEY_BYTES = 8;
    private static final int VALUE_BYTES = 100;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** Without threads: what is queued is done by whoever asks for it. */
    private SegmentStore open(Storage storage) {
        return SegmentStore.open(
                DIRECTORY,
                StoreOptions.builder().storage(storage).maintenanceThreads(0).build());
    }

    private SegmentStore open() {
        return open(leaks.watch(new SimulatedStorage(1)));
    }

    private static byte[] key(int i) {
        return "%08d".formatted(i).getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put(key(i), new byte[VALUE_BYTES]);
        }
    }

    @Test
    void everyOperationIsCountedAsWhatItWas() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            index.delete(key(3));
            try (WriteBatch batch = store.batch()) {
                batch.put(index, key(20), new byte[VALUE_BYTES]).delete(index, key(4));
                batch.commit();
            }
            store.batch().close();
            assertThrows(IllegalArgumentException.class, () -> index.put(new byte[0], new byte[1]));
            index.get(key(0));
            index.get(key(1), new byte[1]);
            index.containsKey(key(2));
            try (Snapshot snapshot = store.snapshot()) {
                snapshot.get(index, key(20));
            }
            index.get(key(3));
            index.get(key(99), new byte[1]);
            index.containsKey(key(4));

            StoreMetrics.Operations operations = store.metrics().operations();
            assertEquals(10, operations.puts().count());
            assertEquals(1, operations.deletes().count());
            assertEquals(1, operations.batches().count());
            assertEquals(2, operations.batchOperations());
            assertEquals(4, operations.gets().hits());
            assertEquals(3, operations.gets().absents());
            assertEquals(7, operations.gets().count());
            assertEquals(11 * (KEY_BYTES + VALUE_BYTES) + 2 * KEY_BYTES, operations.bytesPut());
        }
    }

    @Test
    void cursorsCountWhenTheyLeaveASegment() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            try (Cursor cursor = index.cursor()) {
                cursor.seek(key(2));
                cursor.next();
                cursor.seek(key(5));
                cursor.next();
                cursor.previous();
                assertEquals(1, store.metrics().operations().cursors().opened());
                assertEquals(0, store.metrics().operations().cursors().steps());
            }
            StoreMetrics.Cursors cursors = store.metrics().operations().cursors();
            assertEquals(2, cursors.seeks().count());
            assertEquals(3, cursors.steps());
        }
    }

    @Test
    void theOldestReaderIsToldWithWhatCameAfterItAndItsAge() {
        SimulatedStorage storage = new SimulatedStorage(1);
        try (SegmentStore store = open(leaks.watch(storage))) {
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            assertEquals(new StoreMetrics.Readers(0, 0, 0), store.metrics().readers());
            try (Snapshot snapshot = store.snapshot()) {
                put(index, 10, 15);
                try (Cursor cursor = index.cursor()) {
                    assertTrue(cursor.next());
                    StoreMetrics.Readers seen = store.metrics().readers();
                    assertEquals(2, seen.open());
                    assertEquals(5, seen.oldestBehind());
                    // Each look at its clock moves that of a simulated storage.
                    assertTrue(store.metrics().readers().oldestNanos() > seen.oldestNanos());
                    snapshot.close();
                    assertEquals(1, store.metrics().readers().open());
                    assertEquals(0, store.metrics().readers().oldestBehind());
                }
            }
            assertEquals(new StoreMetrics.Readers(0, 0, 0), store.metrics().readers());
        }
    }

    @Test
    void aSampleOfEachKindOfOperationIsTimed() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 6_000; i++) {
                index.put(key(i), new byte[1]);
                index.get(key(i));
                index.delete(key(i));
                try (WriteBatch batch = store.batch();
                        Cursor cursor = index.cursor()) {
                    batch.put(index, key(i), new byte[1]).commit();
                    cursor.seek(key(i));
                }
            }
            StoreMetrics.Operations operations = store.metrics().operations();
            for (Latency latency : new Latency[] {
                operations.puts().latency(),
                operations.gets().latency(),
                operations.deletes().latency(),
                operations.cursors().seeks().latency()
            }) {
                assertTrue(latency.samples() > 5 && latency.samples() < 60, latency::toString);
                assertTrue(latency.p50Nanos() > 0, latency::toString);
                assertTrue(latency.p50Nanos() <= latency.p90Nanos(), latency::toString);
                assertTrue(latency.p90Nanos() <= latency.p99Nanos(), latency::toString);
                assertTrue(latency.p99Nanos() <= latency.p999Nanos(), latency::toString);
                assertTrue(latency.p999Nanos() <= latency.maxNanos(), latency::toString);
            }
            assertEquals(6_000, operations.batches().latency().samples());
            assertEquals(6_000, operations.batches().recent().samples());
            assertEquals(
                    operations.gets().latency().samples(),
                    operations.gets().recent().samples());
        }
    }

    @Test
    void storesCountForThemselves() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        try (SegmentStore one = open(storage);
                SegmentStore other = SegmentStore.open(
                        SimulatedStorage.DIRECTORY.resolve("other"),
                        one.engine().options().toBuilder().build())) {
            SegmentIndex first = one.index("a");
            SegmentIndex second = other.index("a");
            for (int i = 0; i < 5; i++) {
                first.put(key(i), new byte[1]);
                second.get(key(i));
            }
            assertEquals(5, one.metrics().operations().puts().count());
            assertEquals(0, one.metrics().operations().gets().count());
            assertEquals(0, other.metrics().operations().puts().count());
            assertEquals(5, other.metrics().operations().gets().absents());
        }
    }

    @Test
    void flushesAndCompactionsCountWhatTheyReadAndWrite() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            put(index, 0, 100);
            assertEquals(1, store.metrics().memtables().active());
            long memtableBytes = index.stats().segments().get(0).memtableBytes();
            index.flush();
            StoreMetrics flushed = store.metrics();
            long firstRun = index.stats().runBytes();
            assertEquals(
                    new RunTraffic(memtableBytes, 100, firstRun, 100),
                    flushed.flushes().traffic());
            assertEquals(1, flushed.flushes().count());
            assertTrue(flushed.flushes().nanos() > 0);
            assertEquals(0, flushed.memtables().count());
            assertEquals(1, flushed.segments().runs());
            assertEquals(firstRun, flushed.segments().runBytes());

            put(index, 50, 100);
            index.flush();
            long bothRuns = index.stats().runBytes();
            index.compact();
            StoreMetrics compacted = store.metrics();
            assertEquals(1, compacted.compactions().count());
            assertEquals(
                    new RunTraffic(bothRuns, 150, index.stats().runBytes(), 100),
                    compacted.compactions().traffic());
            assertEquals(150, compacted.flushes().traffic().entriesIn());
            assertEquals(1, compacted.segments().runs());
            double written = compacted.log().bytesAppended()
                    + compacted.flushes().traffic().bytesOut()
                    + compacted.compactions().traffic().bytesOut();
            assertEquals(written / (150 * (KEY_BYTES + VALUE_BYTES)), compacted.writeAmplification(), 1e-9);
        }
    }

    @Test
    void aSplitCountsAsARewriteOfItsKind() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            put(index, 0, 100);
            index.flush();
            long run = index.stats().runBytes();
            assertTrue(index.split(index.stats().segments().get(0).id()));
            StoreMetrics metrics = store.metrics();
            StoreMetrics.RunWork splits = metrics.rewrites().splits();
            assertEquals(1, splits.count());
            assertEquals(100, splits.traffic().entriesIn());
            assertEquals(100, splits.traffic().entriesOut());
            assertTrue(splits.traffic().bytesIn() >= run, splits::toString);
            assertEquals(index.stats().runBytes(), splits.traffic().bytesOut());
            assertEquals(0, metrics.rewrites().merges().count());
            assertEquals(1, store.stats().splits());
            assertEquals(2, metrics.segments().count());
            assertEquals(2, metrics.segments().loaded());
        }
    }

    @Test
    void theLogCountsWhatIsAppendedAndItsSyncs() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            StoreMetrics.Log before = store.metrics().log();
            index.put(key(1), new byte[VALUE_BYTES], Durability.DEVICE);
            StoreMetrics.Log after = store.metrics().log();
            long appended = after.bytesAppended() - before.bytesAppended();
            assertTrue(appended > KEY_BYTES + VALUE_BYTES && appended < 2 * (KEY_BYTES + VALUE_BYTES), after::toString);
            assertEquals(1, after.syncs().count() - before.syncs().count());
            assertTrue(after.syncs().latency().maxNanos() > 0, after::toString);
            index.put(key(2), new byte[VALUE_BYTES], Durability.MEMORY);
            assertEquals(after.bytesAppended(), store.metrics().log().bytesAppended());
        }
    }

    @Test
    void stallsAreTheSameAsInStats() {
        try (SegmentStore store = open()) {
            store.engine().maintenance().pacing().begin(StallReason.MEMORY_STOP).end();
            assertEquals(1, store.metrics().stalls().memoryStops());
            assertEquals(store.stats().stalls(), store.metrics().stalls());
        }
    }

    @Test
    void aTaskThatThrewIsNamed() {
        FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(1)));
        try (SegmentStore store = open(faulting);
                QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            faulting.failAt(faulting.callCount() + 1, Fault.NO_ROOM, true);
            assertThrows(StoreException.DiskFull.class, index::flush);
            faulting.disarm();
            StoreMetrics.Maintenance maintenance = store.metrics().maintenance();
            assertEquals(1, maintenance.failures());
            assertTrue(maintenance.lastFailure().startsWith("FLUSH of index a, segment 1: "), maintenance::toString);
            assertEquals(0, store.metrics().flushes().count());
        }
    }

    @Test
    void aClosedStoreHasNone() {
        SegmentStore store = open();
        store.close();
        assertThrows(StoreClosedException.class, store::metrics);
    }

    @Test
    void figuresOfEachIndexAreToldByItsName() {
        try (SegmentStore store = open()) {
            put(store.index("a"), 0, 10);
            put(store.index("b"), 0, 20);
            store.index("a").flush();
            StoreMetrics metrics = store.metrics();
            assertEquals(List.of("a", "b"), List.copyOf(metrics.indexes().keySet()));
            StoreMetrics.Index flushed = metrics.indexes().get("a");
            StoreMetrics.Index inMemory = metrics.indexes().get("b");
            assertEquals(10, flushed.entries());
            assertEquals(1, flushed.runs());
            assertEquals(0, flushed.memtableBytes());
            assertEquals(store.index("a").stats().runBytes(), flushed.runBytes());
            assertEquals(20, inMemory.entries());
            assertEquals(0, inMemory.runs());
            assertTrue(inMemory.memtableBytes() > 0);
            assertEquals(2, metrics.segments().count());
            assertEquals(flushed.runBytes(), metrics.segments().runBytes());
        }
    }

    @Test
    void whatIsOlderThanAMinuteIsNotRecentWhereThereAreThreads() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        StoreOptions options =
                StoreOptions.builder().storage(storage).maintenanceThreads(1).build();
        try (SegmentStore store = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("store"), options)) {
            SegmentIndex index = store.index("a");
            store.batch().put(index, key(1), new byte[1]).commit();
            store.sync();
            assertEquals(1, store.metrics().operations().batches().recent().samples());
            assertTrue(store.metrics().log().syncs().recent().samples() > 0);
            for (int look = 0; look < 2; look++) {
                storage.advance(LatencyWindow.NANOS);
                store.engine().maintenance().periodic().tick();
            }
            StoreMetrics metrics = store.metrics();
            assertEquals(Latency.NONE, metrics.operations().batches().recent());
            assertEquals(1, metrics.operations().batches().latency().samples());
            assertEquals(Latency.NONE, metrics.log().syncs().recent());
        }
    }
}
