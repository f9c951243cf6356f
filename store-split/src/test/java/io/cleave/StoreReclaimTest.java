package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.maintenance.TaskKey;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.SegmentSlot;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is deleted is given back (ADR 0030). Without threads: queued work is done by the next write or wait. */
final class StoreReclaimTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int VALUE_BYTES = 200;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));

    private StoreOptions.Builder options() {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .segmentBytesMax(64 << 10)
                .memtableBytesMax(4 << 20)
                .segmentMemtableBytesMax(16 << 10)
                .memtableChunkBytes(1 << 10)
                .logFileBytes(64 << 10)
                .logBytesMax(256 << 10);
    }

    private SegmentStore open() {
        return SegmentStore.open(DIRECTORY, options().build());
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    private static void fill(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put(key(i), new byte[VALUE_BYTES]);
        }
    }

    private static void delete(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.delete(key(i));
        }
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
    void everythingDeletedAndFlushedLeavesNoRunAndOneSegment() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 2_000);
            index.flush();
            assertTrue(index.stats().segments().size() > 3);
            delete(index, 0, 2_000);
            index.flush();
            store.awaitMaintenance();
            assertEquals(0, index.stats().runBytes());
            assertEquals(1, index.stats().segments().size());
        }
    }

    @Test
    void deletesBringTheirFlushAboutOnceTheyHideEnough() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            long before = index.stats().runBytes();
            delete(index, 0, 40);
            store.awaitMaintenance();
            assertEquals(before, index.stats().runBytes(), "a fifth is left alone");
            delete(index, 40, 100);
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < before * 2 / 3, "half of it is not");
            assertEquals(100, count(index));
        }
    }

    /** A delete whose number is one of those after which nobody looks. */
    private static void deleteUnseen(SegmentStore store, SegmentIndex index, int number) {
        while (store.engine()
                .maintenance()
                .due()
                .looksAfterDelete(store.metrics().sequence() + 1)) {
            store.index("other").put(key(0), new byte[1]);
        }
        index.delete(key(number));
    }

    /** Keeps the one thread of a store busy, so that nobody looks meanwhile, until the answer is run. */
    private static Runnable occupyThread(SegmentStore store) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch enough = new CountDownLatch(1);
        store.engine().maintenance().workers().submit(new TaskKey(TaskKind.CLEAN_UP, -1, Long.MIN_VALUE), () -> {
            busy.countDown();
            try {
                enough.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        busy.await();
        return enough::countDown;
    }

    private static SegmentSlot onlySlot(SegmentStore store) {
        List<SegmentSlot> slots = new ArrayList<>();
        store.engine().indexes().get(0).forEachSlot(slots::add);
        assertEquals(1, slots.size());
        return slots.get(0);
    }

    /** Whether deletes alone ask for a flush of the only segment of the first index, while nobody else can. */
    private static boolean asksForAFlush(SegmentStore store, Runnable deletes) throws InterruptedException {
        Runnable goOn = occupyThread(store);
        try {
            deletes.run();
            return onlySlot(store).isFlushMarked();
        } finally {
            goOn.run();
        }
    }

    @Test
    void withThreadsALookEachSecondFindsWhatDeletesHaveHidden() throws InterruptedException {
        StoreOptions threads =
                options().maintenanceThreads(1).syncIntervalMillis(0).build();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, threads)) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            store.awaitMaintenance();
            long before = index.stats().runBytes();
            boolean marked = asksForAFlush(store, () -> {
                for (int i = 0; i < 150; i++) {
                    deleteUnseen(store, index, i);
                }
            });
            assertFalse(marked, "nobody has looked");
            store.engine().maintenance().periodic().tick();
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < before / 2);
            assertEquals(50, count(index));
        }
    }

    @Test
    void withThreadsOneDeleteInSixteenLooks() {
        StoreOptions threads =
                options().maintenanceThreads(1).syncIntervalMillis(0).build();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, threads)) {
            int looks = 0;
            int lastLook = 0;
            for (int sequence = 1; sequence <= 16_000; sequence++) {
                if (store.engine().maintenance().due().looksAfterDelete(sequence)) {
                    assertTrue(sequence - lastLook < 100, "no look for long");
                    lastLook = sequence;
                    looks++;
                }
            }
            assertTrue(looks > 900 && looks < 1_100, looks + " looks");
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            long before = index.stats().runBytes();
            delete(index, 0, 200);
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < before * 2 / 3, "a look in the middle has found it");
        }
    }

    private void halfOfItIsDeleted(long quota, boolean atOnce) throws InterruptedException {
        StoreOptions options = options()
                .maintenanceThreads(1)
                .syncIntervalMillis(0)
                .limits(StoreLimits.none().withDiskBytesMax(quota))
                .build();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options)) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            store.awaitMaintenance();
            long before = index.stats().runBytes();
            assertEquals(atOnce, asksForAFlush(store, () -> delete(index, 0, 110)));
            store.engine().maintenance().periodic().tick();
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < before * 2 / 3);
            assertEquals(90, count(index));
        }
    }

    @Test
    void withThreadsHalfOfItWaitsForTheLookOfTheNextSecond() throws InterruptedException {
        halfOfItIsDeleted(Long.MAX_VALUE, false);
    }

    @Test
    void withAQuotaHalfOfItIsGivenBackAtOnce() throws InterruptedException {
        halfOfItIsDeleted(1 << 30, true);
    }

    @Test
    void deletesInBatchesCountToo() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            long before = index.stats().runBytes();
            try (WriteBatch batch = store.batch()) {
                for (int i = 0; i < 150; i++) {
                    batch.delete(index, key(i));
                }
                batch.commit();
            }
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < before / 2);
        }
    }

    @Test
    void aWindowThatSlidesTenTimesItsSizeStaysLevel() {
        int window = 1_000;
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, window);
            long largest = 0;
            for (int i = window; i < 11 * window; i++) {
                index.put(key(i), new byte[VALUE_BYTES]);
                index.delete(key(i - window));
                if (i % 100 == 0) {
                    store.awaitMaintenance();
                    largest = Math.max(largest, index.stats().runBytes());
                }
            }
            store.awaitMaintenance();
            long live = window * (VALUE_BYTES + 8L);
            assertTrue(largest < 2 * live, largest + " bytes of runs for " + live);
            assertTrue(
                    index.stats().segments().size() <= 12,
                    index.stats().segments().size() + " segments");
            assertEquals(window, count(index));
        }
    }

    @Test
    void aSnapshotKeepsWhatItSeesAndItsEndGivesItBack() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 200);
            index.flush();
            try (Snapshot snapshot = store.snapshot()) {
                delete(index, 0, 200);
                index.flush();
                store.awaitMaintenance();
                long compactions = store.stats().compactions();
                for (int i = 0; i < 200; i++) {
                    assertArrayEquals(new byte[VALUE_BYTES], snapshot.get(index, key(i)));
                    assertNull(index.get(key(i)));
                }
                index.flush();
                store.awaitMaintenance();
                assertEquals(compactions, store.stats().compactions(), "nothing can go yet");
            }
            index.put(key(0), new byte[1]);
            index.flush();
            store.awaitMaintenance();
            assertTrue(index.stats().runBytes() < 8 << 10, index.stats().runBytes() + " bytes");
            assertEquals(1, count(index));
        }
    }

    @Test
    void theHeadOfAQueueStaysCheapToFind() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            int waiting = 50;
            fill(index, 0, waiting);
            long most = 0;
            for (int i = 0; i < 10_000; i++) {
                fill(index, waiting + i, waiting + i + 1);
                try (Cursor cursor = index.cursor()) {
                    assertTrue(cursor.next());
                    assertArrayEquals(key(i), cursor.keyBytes());
                }
                index.delete(key(i));
                most = Math.max(most, index.stats().entries());
            }
            // What a look at the head may have to pass, whether it lies in memory or in runs.
            assertTrue(most < 1_000, most + " entries for " + waiting);
        }
    }

    @Test
    void aSnapshotThatStaysDoesNotHaveTheHeadOfAQueueRewrittenInVain() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 400);
            try (Snapshot snapshot = store.snapshot()) {
                delete(index, 0, 300);
                long compactions = store.stats().compactions();
                for (int i = 0; i < 1_000; i++) {
                    try (Cursor cursor = index.cursor()) {
                        assertTrue(cursor.next());
                    }
                    if (i % 100 == 0) {
                        index.put(key(500), new byte[0]);
                    }
                }
                assertTrue(store.stats().compactions() <= compactions + 2, "once for each segment");
                assertArrayEquals(new byte[VALUE_BYTES], snapshot.get(index, key(0)));
            }
        }
    }

    @Test
    void putsGoOnAtTheLimitOfFilesOnceDeletesHaveMadeRoom() {
        StoreLimits limits = StoreLimits.none().withDiskBytesMax(600 << 10);
        try (SegmentStore store =
                SegmentStore.open(DIRECTORY, options().limits(limits).build())) {
            SegmentIndex index = store.index("a");
            int[] puts = {0};
            assertThrows(StoreException.LimitReached.class, () -> {
                while (puts[0] < 100_000) {
                    index.put(key(puts[0]), new byte[VALUE_BYTES]);
                    puts[0]++;
                }
            });
            // A part that the policy would leave alone for now.
            delete(index, 0, puts[0] / 4);
            assertTrue(isAdmittedSoon(store, index, key(puts[0])));
            assertEquals(puts[0] - puts[0] / 4 + 1, count(index));
        }
    }

    @Test
    void aSmallLogThatOnlyMemtablesNeedIsGivenBackAtTheLimitOfFiles() {
        StoreLimits limits = StoreLimits.none().withDiskBytesMax(200 << 10);
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY,
                options()
                        .limits(limits)
                        .segmentBytesMax(1 << 20)
                        .segmentMemtableBytesMax(1 << 20)
                        .logFileBytes(32 << 10)
                        .logBytesMax(4 << 20)
                        .build())) {
            SegmentIndex index = store.index("a");
            int[] puts = {0};
            assertThrows(StoreException.LimitReached.class, () -> {
                while (puts[0] < 100_000) {
                    index.put(key(puts[0]), new byte[VALUE_BYTES]);
                    puts[0]++;
                }
            });
            delete(index, 0, puts[0]);
            assertTrue(isAdmittedSoon(store, index, key(0)));
            assertEquals(1, count(index));
        }
    }

    /** A refused put may ask for room; the one after it finds what came of it. */
    private static boolean isAdmittedSoon(SegmentStore store, SegmentIndex index, byte[] key) {
        for (int i = 0; i < 3; i++) {
            try {
                index.put(key, new byte[VALUE_BYTES]);
                return true;
            } catch (StoreException.LimitReached e) {
                store.awaitMaintenance();
            }
        }
        return false;
    }

    @Test
    void deletesOfKeysThatAreNotThereRewriteABoundedPart() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 150);
            index.flush();
            long before = store.metrics().compactions().traffic().bytesOut();
            int deletes = 5_000;
            delete(index, 10_000, 10_000 + deletes);
            store.awaitMaintenance();
            long rewritten = store.metrics().compactions().traffic().bytesOut() - before;
            // Three sevenths of the entries are taken to be hidden, and all are written again.
            long entryBytes = index.stats().runBytes() / 150;
            assertTrue(rewritten < 2.5 * deletes * entryBytes, rewritten + " bytes");
            assertEquals(150, count(index));
        }
    }

    @Test
    void aDeleteHereAndThereRewritesNothing() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            fill(index, 0, 1_500);
            index.flush();
            index.compact();
            long before = store.metrics().compactions().count();
            for (int i = 0; i < 1_500; i += 8) {
                index.delete(key(i));
            }
            store.awaitMaintenance();
            assertEquals(before, store.metrics().compactions().count());
            assertFalse(index.stats().runBytes() == 0);
        }
    }
}
