package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.event.RunTraffic;
import io.cleave.event.SegmentPlace;
import io.cleave.maintenance.StallReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener is told, in which order, and that it may use the store meanwhile. */
@Timeout(600)
final class StoreListenerTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** Calls one method for everything it is told. */
    private abstract static class AnyListener implements StoreListener {
        abstract void told(String what);

        private static String at(SegmentPlace place) {
            return place.index() + "/" + place.segmentId();
        }

        @Override
        public void segmentCreated(SegmentPlace place) {
            told("created " + at(place));
        }

        @Override
        public void segmentDropped(SegmentPlace place) {
            told("dropped " + at(place));
        }

        @Override
        public void segmentSplit(Rewrite rewrite) {
            told("split " + rewrite.oldIds() + " " + rewrite.newIds());
        }

        @Override
        public void segmentsMerged(Rewrite rewrite) {
            told("merged " + rewrite.oldIds() + " " + rewrite.newIds());
        }

        @Override
        public void segmentRewritten(Rewrite rewrite) {
            told("rewritten " + rewrite.oldIds() + " " + rewrite.newIds());
        }

        @Override
        public void flushBegun(SegmentPlace place) {
            told("flush begun " + at(place));
        }

        @Override
        public void flushEnded(SegmentPlace place, RunTraffic traffic, long nanos) {
            told("flush ended " + at(place) + " " + traffic.entriesIn() + " to " + traffic.entriesOut());
        }

        @Override
        public void compactionBegun(SegmentPlace place) {
            told("compaction begun " + at(place));
        }

        @Override
        public void compactionEnded(SegmentPlace place, RunTraffic traffic, long nanos) {
            told("compaction ended " + at(place) + " " + traffic.entriesIn() + " to " + traffic.entriesOut());
        }

        @Override
        public void taskFailed(SegmentPlace place, String task, Throwable cause) {
            told("failed " + at(place) + " " + task + " " + cause.getClass().getSimpleName());
        }

        @Override
        public void writerStalled(String store, StallReason reason, long nanos) {
            told("stalled " + reason);
        }
    }

    /** Keeps what it is told. */
    private static final class Diary extends AnyListener {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        void told(String what) {
            lines.add(what);
        }

        /** What was told since this was last asked. */
        List<String> take() {
            List<String> taken = new ArrayList<>(lines);
            lines.clear();
            return taken;
        }
    }

    private static StoreOptions.Builder options(Storage storage, int threads, StoreListener listener) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(threads)
                .listener(listener);
    }

    private static byte[] key(int i) {
        return "%08d".formatted(i).getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put(key(i), new byte[10]);
        }
    }

    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 1})
    void theLifeOfASegmentIsToldInOrder(int threads) {
        Diary diary = new Diary();
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY,
                options(leaks.watch(new SimulatedStorage(1)), threads, diary).build())) {
            SegmentIndex index = store.index("a");
            store.index("a");
            assertEquals(List.of("created a/1"), diary.take());
            put(index, 0, 100);
            index.flush();
            assertEquals(List.of("flush begun a/1", "flush ended a/1 100 to 100"), diary.take());
            index.flush();
            assertEquals(List.of(), diary.take());
            put(index, 0, 50);
            index.compact();
            assertEquals(
                    List.of(
                            "flush begun a/1",
                            "flush ended a/1 50 to 50",
                            "compaction begun a/1",
                            "compaction ended a/1 150 to 100"),
                    diary.take());
            assertTrue(index.split(1));
            store.awaitMaintenance();
            List<String> split = diary.take();
            assertEquals(
                    List.of("created a/2", "created a/3", "split [1] [2, 3]", "dropped a/1"),
                    split.subList(0, 4),
                    split::toString);
            store.dropIndex("a");
            List<String> dropped = diary.take();
            assertTrue(dropped.stream().allMatch(line -> line.startsWith("dropped a/")), dropped::toString);
            assertTrue(dropped.size() >= 1, dropped::toString);
        }
        assertEquals(List.of(), diary.take());
    }

    @Test
    void neighboursThatBecomeOneAreTold() {
        Diary diary = new Diary();
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY,
                options(leaks.watch(new SimulatedStorage(1)), 0, diary).build())) {
            SegmentIndex index = store.index("a");
            put(index, 0, 100);
            index.split(1);
            put(index, 0, 1);
            diary.take();
            index.flush();
            store.awaitMaintenance();
            index.put(key(500), new byte[1]);
            List<String> lines = diary.take();
            assertTrue(lines.contains("merged [2, 3] [4]"), lines::toString);
        }
    }

    @Test
    void aTaskThatThrowsIsToldAndItsFlushHasItsEnd() {
        Diary diary = new Diary();
        FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(1)));
        try (SegmentStore store =
                        SegmentStore.open(DIRECTORY, options(faulting, 0, diary).build());
                QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            diary.take();
            faulting.failAt(faulting.callCount() + 1, Fault.NO_ROOM, true);
            assertThrows(StoreException.DiskFull.class, index::flush);
            faulting.disarm();
            assertEquals(
                    List.of("flush begun a/1", "flush ended a/1 0 to 0", "failed a/1 FLUSH DiskFull"), diary.take());
        }
    }

    @Test
    void aStallIsTold() {
        Diary diary = new Diary();
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY,
                options(leaks.watch(new SimulatedStorage(1)), 0, diary).build())) {
            store.engine()
                    .maintenance()
                    .pacing()
                    .begin(StallReason.DELTAS_SLOWDOWN)
                    .end();
            assertEquals(List.of("stalled DELTAS_SLOWDOWN"), diary.take());
        }
    }

    /** Reads and writes the store in every callback. */
    private static final class BusyListener extends AnyListener {
        private final AtomicReference<SegmentIndex> index = new AtomicReference<>();
        private final AtomicInteger written = new AtomicInteger();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

        @Override
        void told(String what) {
            SegmentIndex target = index.get();
            if (target == null) {
                return;
            }
            try {
                byte[] key = ("listener-" + written.incrementAndGet()).getBytes(StandardCharsets.US_ASCII);
                target.put(key, what.getBytes(StandardCharsets.UTF_8));
                assertArrayEquals(what.getBytes(StandardCharsets.UTF_8), target.get(key));
                try (Cursor cursor = target.cursor()) {
                    assertTrue(cursor.next());
                }
            } catch (StoreClosedException e) {
                // The store is flushed for its close.
            } catch (Throwable t) {
                failures.add(t);
            }
        }
    }

    /** With a budget so small that writers wait for memory all the time, which the flush in question must bring. */
    @ParameterizedTest(name = "{0} maintenance threads")
    @ValueSource(ints = {0, 1, 2})
    void aListenerThatReadsAndWritesDoesNotDeadlock(int threads) throws InterruptedException {
        BusyListener busy = new BusyListener();
        StoreOptions options = options(leaks.watch(new SimulatedStorage(1)), threads, busy)
                .memtableBytesMax(24 << 10)
                .memtableChunkBytes(512)
                .segmentMemtableBytesMax(4 << 10)
                .segmentEntriesMax(200)
                .build();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options)) {
            SegmentIndex index = store.index("a");
            busy.index.set(index);
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < 2; writer++) {
                int from = writer * 100_000;
                writers.add(new Thread(() -> put(index, from, from + 3_000)));
            }
            writers.forEach(Thread::start);
            for (Thread writer : writers) {
                writer.join();
            }
            store.awaitMaintenance();
            assertTrue(busy.failures.isEmpty(), () -> busy.failures.toString());
            int written = busy.written.get();
            assertTrue(written > 20, written + " calls of the listener");
            for (int i = 0; i < 3_000; i++) {
                assertNotNull(index.get(key(i)));
                assertNotNull(index.get(key(100_000 + i)));
            }
            assertNotNull(index.get("listener-1".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /**
     * The flush that would bring memory is the one that waits for the listener, on the only thread there is. Who waits for a
     * task can't be interrupted, hence the other thread.
     */
    @Test
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aListenerThatUsesUpTheMemoryDoesNotWaitForItself() {
        AtomicReference<SegmentIndex> target = new AtomicReference<>();
        StoreListener greedy = new StoreListener() {
            @Override
            public void flushBegun(SegmentPlace place) {
                SegmentIndex once = target.getAndSet(null);
                for (int i = 0; once != null && i < 100; i++) {
                    once.put(key(1_000 + i), new byte[1_000]);
                }
            }
        };
        StoreOptions options = options(leaks.watch(new SimulatedStorage(1)), 1, greedy)
                .memtableBytesMax(24 << 10)
                .memtableChunkBytes(512)
                .build();
        try (SegmentStore store = SegmentStore.open(DIRECTORY, options)) {
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            target.set(index);
            index.flush();
            assertNotNull(index.get(key(1_099)));
            assertEquals(0, store.metrics().maintenance().listenerFailures());
            assertEquals(0, store.metrics().stalls().memoryStops());
        }
    }

    @Test
    void aListenerThatThrowsIsCountedAndHarmsNothing() {
        AnyListener broken = new AnyListener() {
            @Override
            void told(String what) {
                throw new IllegalStateException("broken on purpose");
            }
        };
        try (SegmentStore store = SegmentStore.open(
                        DIRECTORY,
                        options(leaks.watch(new SimulatedStorage(1)), 1, broken).build());
                QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("a");
            put(index, 0, 100);
            index.flush();
            index.split(1);
            assertNotNull(index.get(key(7)));
            StoreMetrics.Maintenance maintenance = store.metrics().maintenance();
            assertTrue(maintenance.listenerFailures() >= 7, maintenance::toString);
            assertEquals(0, maintenance.failures());
        }
    }

    /** A call that waits for background work from inside of it would wait for itself. */
    @Test
    void callsThatCouldWaitForThemselvesAreRefused() {
        List<String> refused = new ArrayList<>();
        AtomicReference<SegmentStore> open = new AtomicReference<>();
        StoreListener eager = new StoreListener() {
            @Override
            public void flushBegun(SegmentPlace place) {
                SegmentStore store = open.get();
                SegmentIndex index = store.index("a");
                for (Runnable call : List.<Runnable>of(
                        index::flush,
                        index::compact,
                        () -> index.split(1),
                        store::awaitMaintenance,
                        store::close,
                        () -> store.index("b"),
                        () -> store.dropIndex("a"))) {
                    refused.add(assertThrows(IllegalStateException.class, call::run)
                            .getMessage()
                            .replaceAll(" waits for.*", ""));
                }
            }
        };
        try (SegmentStore store = SegmentStore.open(
                DIRECTORY,
                options(leaks.watch(new SimulatedStorage(1)), 1, eager).build())) {
            open.set(store);
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            index.flush();
            assertEquals(
                    List.of(
                            "flush",
                            "compact",
                            "split",
                            "awaitMaintenance",
                            "close",
                            "creating an index",
                            "dropping an index"),
                    refused);
            assertEquals(0, store.metrics().maintenance().listenerFailures());
        }
    }
}
