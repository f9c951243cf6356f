package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Writers and readers run through thousands of splits and merges, made by real maintenance threads: each writer sees its own
 * writes at once, nobody misses a key that is there all the time, and what is open keeps its moment.
 */
final class StoreConcurrencyTest {
    private static final int ROUNDS_MAX = 16;

    private static final int WRITERS = 2;
    private static final int ROUNDS = (int) Campaign.count(18, 200);
    private static final int KEYS_IN_A_ROUND = 1_500;
    private static final int FIXED_KEYS = 200;
    private static final byte[] FIXED = "fixed".getBytes(StandardCharsets.US_ASCII);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private SegmentStore store;
    private SegmentIndex index;

    /** Something a thread does until it is interrupted by a failure or by its own end. */
    private interface Body {
        void run(SplittableRandom random);
    }

    private static StoreOptions.Builder options(int maintenanceThreads) {
        return StoreOptions.builder()
                .maintenanceThreads(maintenanceThreads)
                .syncIntervalMillis(0)
                .memtableBytesMax(32 << 20)
                .segmentMemtableBytesMax(8 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(20)
                .blockBytes(512)
                .logFileBytes(256 << 10)
                .logBytesMax(2 << 20);
    }

    @Test
    void nobodyMissesAnythingThroughThousandsOfSplitsAndMerges() {
        long splits = 0;
        long merges = 0;
        // How far the workers get depends on the machine: rounds go on until there were enough, at least one of each
        // kind.
        for (int round = 0; round < 4 || (round < ROUNDS_MAX && (splits <= 2_000 || merges <= 500)); round++) {
            int maintenanceThreads = 1 + round % 4;
            // With few open segments most reads and writes have to load one first.
            StoreStats stats = run(maintenanceThreads, maintenanceThreads == 3 ? 50 : 1_000);
            System.out.printf(
                    "concurrency: threads=%d splits=%d merges=%d rewrites=%d%n",
                    maintenanceThreads, stats.splits(), stats.merges(), stats.rewrites());
            splits += stats.splits();
            merges += stats.merges();
        }
        assertTrue(splits > 2_000, splits + " splits");
        assertTrue(merges > 500, merges + " merges");
    }

    private StoreStats run(int maintenanceThreads, int openSegmentsMax) {
        open(options(maintenanceThreads).openSegmentsMax(openSegmentsMax));
        stop.set(false);
        threads.clear();
        AtomicInteger writersLeft = new AtomicInteger(WRITERS);
        for (int i = 0; i < FIXED_KEYS; i++) {
            index.put(fixedKey(i), FIXED);
        }
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            start(random -> {
                write(writer, random);
                if (writersLeft.decrementAndGet() == 0) {
                    stop.set(true);
                }
            });
        }
        start(this::readFixedKeys);
        start(this::scanFixedKeys);
        start(this::holdSnapshots);
        join();
        store.awaitMaintenance();
        StoreStats stats = store.stats();
        close();
        return stats;
    }

    @Test
    void aCursorKeepsItsMomentThroughSplitsFlushesCompactionsAndTheDropOfAnotherIndex() {
        open(options(2));
        SegmentIndex other = store.index("other");
        SplittableRandom random = new SplittableRandom(Campaign.seed());
        KeySpace space = new KeySpace(random.split(), 400);
        NavigableMap<byte[], byte[]> now = StoreHistory.newMap();
        List<ModelCursor> cursors = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < 200; i++) {
                byte[] key = space.key();
                byte[] value = random.nextInt(4) == 0 ? null : space.value();
                if (value == null) {
                    index.delete(key);
                } else {
                    index.put(key, value);
                }
                StoreHistory.apply(now, key, value);
                other.put(key, FIXED);
                cursors.forEach(cursor -> cursor.move(random, space));
            }
            KeyRange range = space.range();
            cursors.add(new ModelCursor(index.cursor(range), now, range));
            switch (round % 4) {
                case 0 -> index.flush();
                case 1 -> index.compact();
                case 2 -> {
                    store.dropIndex("other");
                    other = store.index("other");
                }
                default -> Splits.ofFirst(index);
            }
        }
        cursors.forEach(ModelCursor::drain);
        cursors.forEach(ModelCursor::close);
        assertNull(StoreHistory.difference(now, StoreHistory.scan(index)));
        close();
    }

    @Test
    void batchesOverTwoIndexesAreSeenWholeThroughSplits() {
        open(options(2));
        SegmentIndex other = store.index("other");
        start(random -> {
            for (int i = 0; i < 6_000; i++) {
                try (WriteBatch batch = store.batch()) {
                    byte[] value = number(i);
                    for (int k = 0; k < 4; k++) {
                        byte[] key = fixedKey((i * 7 + k * 50) % FIXED_KEYS);
                        batch.put(index, key, value).put(other, key, value);
                    }
                    batch.commit();
                }
            }
            stop.set(true);
        });
        start(random -> {
            while (isRunning()) {
                try (Snapshot snapshot = store.snapshot()) {
                    for (int k = 0; k < 20; k++) {
                        byte[] key = fixedKey(random.nextInt(FIXED_KEYS));
                        byte[] one = snapshot.get(index, key);
                        byte[] two = snapshot.get(other, key);
                        assertEquals(
                                StoreHistory.hex(one),
                                StoreHistory.hex(two),
                                "half of a batch at key " + new String(key, StandardCharsets.US_ASCII));
                    }
                }
            }
        });
        join();
        close();
    }

    /** Puts, looks, overwrites, deletes and looks again, over a range that is empty at the end of each round. */
    private void write(int writer, SplittableRandom random) {
        for (int round = 0; round < ROUNDS && failure.get() == null; round++) {
            for (int i = 0; i < KEYS_IN_A_ROUND; i++) {
                byte[] key = ownKey(writer, i);
                byte[] value = number(round * 1_000_000L + i);
                index.put(key, value);
                requireOwn(key, value);
                if (random.nextInt(8) == 0) {
                    requireOwnByCursor(key, value);
                }
            }
            // The workers catch up, so that all of it splits before all of it goes.
            store.awaitMaintenance();
            for (int i = 0; i < KEYS_IN_A_ROUND; i++) {
                byte[] key = ownKey(writer, i);
                requireOwn(key, number(round * 1_000_000L + i));
                index.delete(key);
                assertNull(index.get(key), "a deleted key is still there");
            }
            store.awaitMaintenance();
        }
    }

    private void requireOwn(byte[] key, byte[] value) {
        byte[] found = index.get(key);
        if (!java.util.Arrays.equals(value, found)) {
            throw new AssertionError("own write of " + new String(key, StandardCharsets.US_ASCII) + ": expected "
                    + StoreHistory.hex(value) + ", found " + StoreHistory.hex(found) + "; a second look: "
                    + StoreHistory.hex(index.get(key)));
        }
    }

    private void requireOwnByCursor(byte[] key, byte[] value) {
        try (Cursor cursor = index.cursor()) {
            assertTrue(cursor.seek(key), "the cursor does not find an own write");
            assertEquals(StoreHistory.hex(key), StoreHistory.hex(cursor.keyBytes()), "own write");
            assertEquals(StoreHistory.hex(value), StoreHistory.hex(cursor.valueBytes()), "own write");
        }
    }

    private void readFixedKeys(SplittableRandom random) {
        byte[] target = new byte[FIXED.length];
        while (isRunning()) {
            byte[] key = fixedKey(random.nextInt(FIXED_KEYS));
            assertNotNull(index.get(key), "a key that is always there is missed by get");
            assertEquals(FIXED.length, index.get(key, target), "a key that is always there is missed by get");
            assertTrue(index.containsKey(key), "a key that is always there is missed by containsKey");
        }
    }

    private void scanFixedKeys(SplittableRandom random) {
        while (isRunning()) {
            KeyRange range = KeyRange.prefix("fixed".getBytes(StandardCharsets.US_ASCII));
            boolean descending = random.nextInt(2) == 0;
            try (Cursor cursor = index.cursor(descending ? range.descending() : range)) {
                int found = 0;
                while (cursor.next()) {
                    int expected = descending ? FIXED_KEYS - 1 - found : found;
                    assertEquals(StoreHistory.hex(fixedKey(expected)), StoreHistory.hex(cursor.keyBytes()), "scan");
                    found++;
                }
                assertEquals(FIXED_KEYS, found, "a scan misses keys that are always there");
            }
        }
    }

    private void holdSnapshots(SplittableRandom random) {
        while (isRunning()) {
            try (Snapshot snapshot = store.snapshot()) {
                NavigableMap<byte[], byte[]> first = scan(snapshot);
                for (int again = 0; again < 3; again++) {
                    String difference = StoreHistory.difference(first, scan(snapshot));
                    assertNull(difference, () -> "a snapshot has changed: " + difference);
                }
                for (byte[] key : first.keySet()) {
                    if (random.nextInt(20) == 0) {
                        assertEquals(
                                StoreHistory.hex(first.get(key)), StoreHistory.hex(snapshot.get(index, key)), "get");
                    }
                }
            }
        }
    }

    private NavigableMap<byte[], byte[]> scan(Snapshot snapshot) {
        NavigableMap<byte[], byte[]> found = StoreHistory.newMap();
        try (Cursor cursor = snapshot.cursor(index)) {
            while (cursor.next()) {
                assertNull(found.put(cursor.keyBytes(), cursor.valueBytes()), "a key twice in a scan");
            }
        }
        return found;
    }

    private static byte[] fixedKey(int number) {
        return String.format("fixed %05d", number).getBytes(StandardCharsets.US_ASCII);
    }

    /** Before and after the fixed keys in turn, so that their segments split and merge, too. */
    private static byte[] ownKey(int writer, int number) {
        int scattered = number * 7 % KEYS_IN_A_ROUND;
        return String.format("fixed %05d/%d/%d", scattered % FIXED_KEYS, writer, scattered)
                .replace("fixed", scattered % 3 == 0 ? "fixe" : scattered % 3 == 1 ? "fixee" : "fixee2")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private void open(StoreOptions.Builder options) {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        store = SegmentStore.open(
                SimulatedStorage.DIRECTORY.resolve("store"),
                options.storage(storage).build());
        index = store.index("main");
    }

    private void close() {
        assertEquals(
                0,
                store.stats().failures(),
                () -> "background work failed: "
                        + store.engine().maintenance().workers().lastFailure());
        StoreEngine engine = store.engine();
        store.close();
        for (int i = 0; i < 1_000 && Epoch.reclaim() > 0; i++) {
            Thread.onSpinWait();
        }
        assertEquals(0, engine.budget().used(), "memtables hold memory after close");
    }

    private boolean isRunning() {
        return !stop.get() && failure.get() == null;
    }

    private void start(Body body) {
        SplittableRandom random = new SplittableRandom(Campaign.seed() + threads.size());
        Thread thread = new Thread(() -> {
            try {
                body.run(random);
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void join() {
        threads.forEach(thread -> {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        if (failure.get() != null) {
            throw new AssertionError(
                    "seed " + Campaign.seed() + ": " + failure.get().getMessage(), failure.get());
        }
    }
}
