package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads that use a store on the real file system are interrupted a thousand times a second: their calls succeed and leave the
 * interrupt flag set, nobody else notices, every acknowledged write is there.
 */
@Timeout(600)
@SuppressWarnings({"ThreadPriorityCheck", "Interruption"}) // to yield and to interrupt is what it is for
final class StoreInterruptTest {
    /** Interrupts in all; about a thousand a second. */
    private static final long INTERRUPTS = Campaign.count(2_000, 60_000);

    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int FIXED_KEYS = 300;
    private static final int OWN_KEYS = 500;

    @TempDir
    Path directory;

    private final RealStorage storage = RealStorage.open();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Worker> workers = new ArrayList<>();
    private volatile boolean stop;

    /** What a worker does over and over. */
    private interface Job {
        void run(SplittableRandom random);
    }

    private StoreOptions options() {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(2)
                .syncIntervalMillis(20)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(32 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(400)
                .openSegmentsMax(2)
                .blockBytes(512)
                .logFileBytes(64 << 10)
                .logBytesMax(256 << 10)
                .build();
    }

    /** A thread that is interrupted, or with {@code calm} one beside them that is not. */
    private final class Worker extends Thread {
        private final Job job;
        private final SplittableRandom random;
        /** Set after an interrupt was sent, cleared once the worker has seen it: no two are under way at once. */
        private volatile boolean interruptSent;

        private long jobs;

        Worker(String name, long seed, Job job) {
            super(name);
            this.job = job;
            this.random = new SplittableRandom(seed);
        }

        @Override
        public void run() {
            try {
                for (; !stop && failure.get() == null; jobs++) {
                    job.run(random);
                    // Now and then the flag stays for a few calls.
                    if (interruptSent && random.nextInt(3) > 0) {
                        assertTrue(Thread.interrupted(), "a call has taken the interrupt flag away");
                        interruptSent = false;
                    }
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, new AssertionError(getName() + ": " + e, e));
            }
        }

        boolean send() {
            if (interruptSent) {
                return false;
            }
            interrupt();
            interruptSent = true;
            return true;
        }
    }

    @Test
    void interruptedCallersSucceedKeepTheirFlagAndHarmNobody() throws InterruptedException {
        long[][] acknowledged = new long[3][OWN_KEYS];
        List<Worker> victims;
        try (SegmentStore store = SegmentStore.open(directory, options())) {
            SegmentIndex index = store.index("main");
            for (int i = 0; i < FIXED_KEYS; i++) {
                index.put(fixedKey(i), fixedKey(i));
            }
            victims = List.of(
                    add("reader", random -> read(index, random)),
                    add("scanner", random -> scan(index)),
                    add("writer 0", random -> write(index, 0, acknowledged[0], Durability.PROCESS, random)),
                    add("writer 1", random -> write(index, 1, acknowledged[1], Durability.DEVICE, random)),
                    add("maintainer", random -> maintain(store, index, random)),
                    add("dropper", random -> createAndDrop(store, random)));
            add("calm reader", random -> read(index, random));
            add("calm scanner", random -> scan(index));
            add("calm writer", random -> write(index, 2, acknowledged[2], Durability.PROCESS, random));
            workers.forEach(Thread::start);
            long start = storage.nanoTime();
            long sent = interruptAll(victims);
            double seconds = (storage.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
            stop = true;
            for (Worker worker : workers) {
                worker.join();
            }
            if (failure.get() != null) {
                throw new AssertionError("-Dcleave.seed=" + Campaign.seed(), failure.get());
            }
            System.out.printf("interrupts: sent=%d seconds=%.1f %s%n", sent, seconds, jobs());
            assertEquals(0, store.stats().failures(), "background work failed");
        }
        requireNothingHeld();
        try (SegmentStore store = SegmentStore.open(directory, options())) {
            requireWrites(store.index("main"), acknowledged);
        }
    }

    /** Closing and opening with the flag set works as well, and keeps it. */
    @Test
    void anInterruptedThreadOpensAndClosesAStore() {
        Thread.currentThread().interrupt();
        try {
            for (int round = 0; round < 5; round++) {
                try (SegmentStore store = SegmentStore.open(directory, options())) {
                    SegmentIndex index = store.index("main");
                    index.put(fixedKey(round), fixedKey(round));
                    index.flush();
                    for (int i = 0; i <= round; i++) {
                        assertArrayEquals(fixedKey(i), index.get(fixedKey(i)));
                    }
                }
                assertTrue(Thread.currentThread().isInterrupted(), "the interrupt flag is gone");
            }
        } finally {
            assertTrue(Thread.interrupted());
        }
        requireNothingHeld();
    }

    private Worker add(String name, Job job) {
        Worker worker = new Worker(name, Campaign.seed() + workers.size(), job);
        workers.add(worker);
        return worker;
    }

    private String jobs() {
        StringBuilder text = new StringBuilder();
        for (Worker worker : workers) {
            assertTrue(worker.jobs > 0, worker.getName() + " has done nothing");
            text.append(worker.getName()).append('=').append(worker.jobs).append(' ');
        }
        return text.toString().strip();
    }

    /** Sends interrupts at an even pace, one at a time to the next victim that has seen its last one. */
    private long interruptAll(List<Worker> victims) {
        long sent = 0;
        int turn = 0;
        long due = storage.nanoTime();
        while (sent < INTERRUPTS && failure.get() == null) {
            boolean one = false;
            for (int i = 0; i < victims.size() && !one; i++) {
                one = victims.get(turn++ % victims.size()).send();
            }
            sent += one ? 1 : 0;
            due += PACE_NANOS;
            LockSupport.parkNanos(Math.max(1, due - storage.nanoTime()));
        }
        return sent;
    }

    private static void read(SegmentIndex index, SplittableRandom random) {
        for (int i = 0; i < 50; i++) {
            byte[] key = fixedKey(random.nextInt(FIXED_KEYS));
            assertArrayEquals(key, index.get(key), "a key that is always there");
        }
    }

    private static void scan(SegmentIndex index) {
        try (Cursor cursor = index.cursor(KeyRange.prefix(bytes("fixed")))) {
            int found = 0;
            while (cursor.next()) {
                assertArrayEquals(fixedKey(found), cursor.keyBytes(), "scan");
                assertArrayEquals(fixedKey(found), cursor.valueBytes(), "scan");
                found++;
            }
            assertEquals(FIXED_KEYS, found, "a scan misses keys that are always there");
        }
    }

    private static void write(
            SegmentIndex index, int writer, long[] acknowledged, Durability durability, SplittableRandom random) {
        int number = random.nextInt(OWN_KEYS);
        byte[] value = number(acknowledged[number] + 1);
        index.put(ownKey(writer, number), value, durability);
        acknowledged[number]++;
        assertArrayEquals(value, index.get(ownKey(writer, number)), "own write");
    }

    private static void maintain(SegmentStore store, SegmentIndex index, SplittableRandom random) {
        switch (random.nextInt(5)) {
            case 0 -> store.sync();
            case 1 -> index.flush();
            case 2 -> index.compact();
            case 3 -> store.awaitMaintenance();
            default -> {
                try (Snapshot snapshot = store.snapshot()) {
                    byte[] key = fixedKey(random.nextInt(FIXED_KEYS));
                    assertArrayEquals(key, snapshot.get(index, key), "snapshot");
                }
            }
        }
    }

    private static void createAndDrop(SegmentStore store, SplittableRandom random) {
        SegmentIndex index = store.index("passing");
        byte[] key = fixedKey(random.nextInt(FIXED_KEYS));
        index.put(key, key);
        index.flush();
        assertArrayEquals(key, index.get(key), "an index of its own");
        assertTrue(store.dropIndex("passing"), "an index of its own");
    }

    private static void requireWrites(SegmentIndex index, long[][] acknowledged) {
        for (int writer = 0; writer < acknowledged.length; writer++) {
            for (int number = 0; number < OWN_KEYS; number++) {
                long count = acknowledged[writer][number];
                byte[] expected = count == 0 ? null : number(count);
                byte[] found = index.get(ownKey(writer, number));
                assertTrue(Arrays.equals(expected, found), "key " + number + " of writer " + writer);
            }
        }
    }

    private void requireNothingHeld() {
        while (Epoch.reclaim() > 0) {
            Thread.yield();
        }
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        assertEquals(List.of(), LeakCheck.openBelow(directory));
    }

    private static byte[] fixedKey(int number) {
        return bytes("fixed-%05d".formatted(number));
    }

    private static byte[] ownKey(int writer, int number) {
        return bytes("%s-%05d-%d".formatted(number % 2 == 0 ? "a" : "own", number, writer));
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(100).putLong(number).array();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
