package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.CollectedGarbage;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LeakDetector;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Handles that nobody can reach and nobody closed are released, counted and reported once; those in use are left alone. */
@Timeout(600)
final class StoreLeakTest {
    private static final int STORES = 20;

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private final RealStorage storage = RealStorage.open();
    private final Reports reports = new Reports();
    private final LeakStats before = LeakStats.ofProcess();

    /** What is left of a store that can be reached. */
    private SegmentIndex keptIndex;

    private Cursor keptCursor;

    /** What was logged about forgotten handles, in place of the screen. */
    private static final class Reports extends Handler {
        private final Logger logger = Logger.getLogger(StoreLeaks.class.getName());
        private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();

        void begin() {
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        void end() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }

        @Override
        public void publish(LogRecord logged) {
            assertEquals(Level.WARNING, logged.getLevel());
            records.add(logged);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void begin() {
        reports.begin();
    }

    @AfterEach
    void end() {
        reports.end();
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        assertEquals(List.of(), LeakCheck.openBelow(parent));
        assertEquals(List.of(), LeakDetector.tracked());
    }

    private SegmentStore open(Path directory, LeakDetection detection) {
        return SegmentStore.open(
                directory,
                StoreOptions.builder()
                        .storage(storage)
                        .memtableBytesMax(4 << 20)
                        .logFileBytes(1 << 20)
                        .logBytesMax(4 << 20)
                        .leakDetection(detection)
                        .build());
    }

    private SegmentStore open(LeakDetection detection) {
        return open(parent.resolve("store"), detection);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void fill(SegmentIndex index) {
        for (int i = 0; i < 100; i++) {
            index.put(bytes("key-" + i), bytes("value-" + i));
        }
    }

    private static int registered(SegmentStore store) {
        return store.engine().context().snapshots().registered().length;
    }

    /** Half of them have a lease on what the index holds at the moment. */
    private static void forgetCursors(SegmentIndex index, int count) {
        for (int i = 0; i < count; i++) {
            Cursor cursor = index.cursor();
            assertTrue(i % 2 == 0 || cursor.next());
        }
    }

    private static void forgetSnapshots(SegmentStore store, int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(store.snapshot().sequence() > 0);
        }
    }

    private static void forgetBatches(SegmentStore store, SegmentIndex index, int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(
                    1,
                    store.batch().put(index, bytes("never"), bytes("committed")).size());
        }
    }

    @Test
    void forgottenCursorsHoldNothing() {
        try (SegmentStore store = open(LeakDetection.SIMPLE)) {
            SegmentIndex index = store.index("a");
            fill(index);
            index.compact();
            forgetCursors(index, 10_000);
            // The run that they read is replaced under them.
            fill(index);
            index.compact();
            CollectedGarbage.until(() -> store.leaks().cursors() >= 10_000, "10,000 cursors");
            CollectedGarbage.until(() -> mappedRuns() == 1, "the old run to be unmapped");
            assertEquals(new LeakStats(10_000, 0, 0, 0, 0), store.leaks());
            assertEquals(0, registered(store));
            assertEquals(100, count(index));
        }
        // 1, 10, 100, 1,000 and 10,000.
        assertEquals(5, reports.records.size());
    }

    private long mappedRuns() {
        return LeakCheck.openBelow(parent).stream()
                .filter(open -> open.contains("mapping") && open.contains(".run"))
                .count();
    }

    private static int count(SegmentIndex index) {
        int count = 0;
        try (Cursor cursor = index.cursor()) {
            while (cursor.next()) {
                count++;
            }
        }
        return count;
    }

    @Test
    void forgottenSnapshotsAndBatchesHoldNothing() {
        try (SegmentStore store = open(LeakDetection.SIMPLE)) {
            SegmentIndex index = store.index("a");
            fill(index);
            forgetSnapshots(store, 10_000);
            forgetBatches(store, index, 1_000);
            CollectedGarbage.until(() -> store.leaks().handles() >= 11_000, "11,000 handles");
            assertEquals(new LeakStats(0, 10_000, 1_000, 0, 0), store.leaks());
            assertEquals(0, registered(store));
        }
    }

    @Test
    void forgottenStoresAreClosedAndCanBeOpenedAgain() {
        for (int i = 0; i < STORES; i++) {
            forgetStore(i);
        }
        CollectedGarbage.until(() -> LeakStats.ofProcess().stores() >= before.stores() + STORES, STORES + " stores");
        assertEquals(before.stores() + STORES, LeakStats.ofProcess().stores());
        assertEquals(before.failures(), LeakStats.ofProcess().failures());
        CollectedGarbage.until(() -> LeakDetector.tracked().isEmpty(), "cursors of forgotten stores");
        while (Epoch.reclaim() > 0) {
            Thread.onSpinWait();
        }
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        for (int i = 0; i < STORES; i++) {
            try (SegmentStore store = open(parent.resolve("store-" + i), LeakDetection.SIMPLE)) {
                assertEquals(100, count(store.index("a")));
            }
        }
    }

    /** Every second one with a cursor that is forgotten, too. */
    private void forgetStore(int number) {
        SegmentStore store = open(parent.resolve("store-" + number), LeakDetection.SIMPLE);
        fill(store.index("a"));
        if (number % 2 == 0) {
            forgetCursors(store.index("a"), 3);
        }
    }

    @Test
    void aStoreStaysOpenForWhatItGaveOut() {
        keptIndex = openAndKeepIndex();
        keptCursor = openAndKeepCursor(keptIndex);
        forgetStore(1);
        CollectedGarbage.until(() -> LeakStats.ofProcess().stores() > before.stores(), "the other store");
        keptIndex.put(bytes("key-0"), bytes("later"));
        assertArrayEquals(bytes("later"), keptIndex.get(bytes("key-0")));
        keptIndex = null;
        forgetStore(2);
        CollectedGarbage.until(() -> LeakStats.ofProcess().stores() > before.stores() + 1, "another store");
        int seen = 1;
        while (keptCursor.next()) {
            assertNotNull(keptCursor.keyBytes());
            seen++;
        }
        assertEquals(100, seen);
        keptCursor.close();
        keptCursor = null;
        CollectedGarbage.until(() -> LeakStats.ofProcess().stores() > before.stores() + 2, "the store itself");
    }

    private SegmentIndex openAndKeepIndex() {
        SegmentIndex index = open(LeakDetection.SIMPLE).index("a");
        fill(index);
        return index;
    }

    private static Cursor openAndKeepCursor(SegmentIndex index) {
        Cursor cursor = index.cursor();
        assertTrue(cursor.next());
        return cursor;
    }

    @Test
    void fullDetectionReportsWhereEachWasOpenedOnce() {
        try (SegmentStore store = open(LeakDetection.FULL)) {
            SegmentIndex index = store.index("a");
            fill(index);
            forgetCursors(index, 25);
            forgetSnapshots(store, 25);
            forgetBatches(store, index, 25);
            CollectedGarbage.until(() -> store.leaks().handles() >= 75, "75 handles");
            forgetCursors(index, 1);
            CollectedGarbage.until(() -> store.leaks().handles() >= 76, "one more");
            assertEquals(new LeakStats(26, 25, 25, 0, 0), store.leaks());
        }
        assertEquals(26, reportsOf("cursor", "forgetCursors"));
        assertEquals(25, reportsOf("snapshot", "forgetSnapshots"));
        assertEquals(25, reportsOf("batch", "forgetBatches"));
        assertEquals(76, reports.records.size());
    }

    private long reportsOf(String noun, String opener) {
        return reports.records.stream()
                .filter(report -> report.getMessage().startsWith("forgotten " + noun + " of store " + parent))
                .filter(report -> Arrays.stream(report.getThrown().getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals(opener)))
                .count();
    }

    @Test
    void withoutDetectionNothingIsFound() {
        try (SegmentStore off = open(LeakDetection.OFF);
                SegmentStore other = open(parent.resolve("other"), LeakDetection.SIMPLE)) {
            SegmentIndex index = off.index("a");
            fill(index);
            forgetSnapshots(off, 10);
            fill(other.index("a"));
            forgetSnapshots(other, 10);
            CollectedGarbage.until(() -> other.leaks().snapshots() >= 10, "10 snapshots of the other store");
            assertEquals(new LeakStats(0, 0, 0, 0, 0), off.leaks());
            assertEquals(1, registered(off));
        }
    }

    @Test
    void whatIsOpenWhenTheStoreClosesIsCutOffAndIsNoLeak() {
        SegmentStore store = open(LeakDetection.SIMPLE);
        SegmentIndex index = store.index("a");
        fill(index);
        index.compact();
        Cursor cursor = index.cursor();
        assertTrue(cursor.next());
        Snapshot snapshot = store.snapshot();
        WriteBatch batch = store.batch();
        store.close();
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        assertEquals(0, registered(store));
        assertEquals(List.of(), LeakDetector.tracked());
        cursor.close();
        snapshot.close();
        batch.close();
        assertEquals(new LeakStats(0, 0, 0, 0, 0), store.leaks());
    }

    @Test
    void aBatchThatWasCommittedIsNoLeak() {
        try (SegmentStore store = open(LeakDetection.SIMPLE)) {
            SegmentIndex index = store.index("a");
            commitAndForget(store, index);
            forgetSnapshots(store, 1);
            CollectedGarbage.until(() -> store.leaks().snapshots() == 1, "the snapshot");
            assertEquals(0, store.leaks().batches());
        }
    }

    private static void commitAndForget(SegmentStore store, SegmentIndex index) {
        for (int i = 0; i < 10; i++) {
            store.batch().put(index, bytes("key"), bytes("value")).commit();
        }
    }
}
