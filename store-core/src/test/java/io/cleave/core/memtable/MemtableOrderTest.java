package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.storage.RealStorage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cursors see everything that was put before they were placed, in order, however the order came about. */
final class MemtableOrderTest {
    /** Sizes of tails that are inserted, sorted, and the one where that changes. */
    private static final int[] TAILS = {
        1, 0, 1, 2, 17, MemtableOrder.SORTED_FROM - 1, MemtableOrder.SORTED_FROM, MemtableOrder.SORTED_FROM + 1, 700, 1
    };

    private static final Comparator<Version> ORDER = Comparator.comparing(Version::key, KeyOrder::compare)
            .thenComparing(Version::sequence, Comparator.reverseOrder());

    private static final int CURSORS = 2;
    private static final int PUTS = 30_000;

    /** Sequence number of the last put that has returned. */
    private volatile long visible;

    /** Key and sequence number of an entry. */
    record Version(byte[] key, long sequence) {}

    /**
     * Keys: random; sequential; few with many versions; long ones that differ late; of the second prefix, outside of
     * it.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void placingACursorShowsAllPutsBefore(int shape) {
        for (int seed = 0; seed < 8; seed++) {
            // The first tail is small or large.
            int[] tails = TAILS.clone();
            tails[0] = seed % 2 == 0 ? 1 : 300;
            byte[] expected = seed % 4 < 2 ? new byte[0] : "key-00".getBytes(StandardCharsets.US_ASCII);
            try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
                Memtable memtable = new Memtable(pool, new MemoryBudget(1), expected);
                TreeMap<Version, byte[]> model = new TreeMap<>(ORDER);
                Random random = new Random(seed);
                EntryCursor cursor = memtable.cursor();
                for (int tail : tails) {
                    for (int i = 0; i < tail; i++) {
                        put(memtable, model, key(shape, model.size(), random), random);
                    }
                    assertPlaces(cursor, model, random, key(shape, model.size(), random));
                    assertSame(cursor, model);
                }
                memtable.free();
            }
        }
    }

    @Test
    void stepsGoOnOverWhatIsPutMeanwhile() {
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            TreeMap<Version, byte[]> model = new TreeMap<>(ORDER);
            Random random = new Random(1);
            for (int i = 0; i < 100; i++) {
                put(memtable, model, number(i * 10), random);
            }
            EntryCursor cursor = memtable.cursor();
            EntryCursor other = memtable.cursor();
            assertTrue(cursor.seek(number(500), 16));
            for (int i = 0; i < 100; i++) {
                put(memtable, model, number(i * 10 + 5), random);
            }
            assertTrue(cursor.next());
            assertArrayEquals(number(510), Arrays.copyOf(cursor.key(), 16));
            assertTrue(other.first());
            assertTrue(cursor.next());
            assertArrayEquals(number(515), Arrays.copyOf(cursor.key(), 16));
            assertTrue(cursor.previous());
            assertTrue(cursor.previous());
            assertArrayEquals(number(505), Arrays.copyOf(cursor.key(), 16));
            assertSame(other, model);
            memtable.free();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 40, 200})
    void manyCursorsPlacedAtOnceBesideTheWriter(int pause) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CURSORS);
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 65_536, 64 << 20)) {
            for (int round = 0; round < 4; round++) {
                visible = 0;
                Memtable memtable = new Memtable(pool, new MemoryBudget(1));
                List<Future<Long>> results = new ArrayList<>();
                for (int i = 0; i < CURSORS; i++) {
                    Random random = new Random(i);
                    results.add(threads.submit(() -> seekUntilAllAreThere(memtable, random, pause)));
                }
                byte[] value = new byte[8];
                for (int sequence = 1; sequence <= PUTS; sequence++) {
                    byte[] key = scattered(sequence);
                    memtable.put(key, key.length, sequence, EntryKind.PUT, value, sequence % 9);
                    visible = sequence;
                }
                for (Future<Long> result : results) {
                    assertTrue(result.get() > 0);
                }
                assertEquals(PUTS, count(memtable.cursor(), PUTS));
                memtable.free();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Seeks numbers that were put just before; now and then counts all. {@code pause} numbers are left out between. */
    private long seekUntilAllAreThere(Memtable memtable, Random random, int pause) {
        EntryCursor cursor = memtable.cursor();
        long seeks = 0;
        long next = 1;
        while (next <= PUTS) {
            long seen = visible;
            if (seen < next) {
                Thread.onSpinWait();
                continue;
            }
            byte[] key = scattered(seen);
            assertTrue(cursor.seek(key, key.length), "lost " + seen);
            assertEquals(seen, cursor.sequence());
            if (random.nextInt(300) == 0) {
                seen = visible;
                assertTrue(count(cursor, seen) >= seen, "a scan lost entries");
            }
            seeks++;
            next = seen == PUTS ? PUTS + 1 : Math.min(PUTS, seen + 1 + pause);
        }
        return seeks;
    }

    /** Entries not above a sequence number; all must be in order. */
    private static long count(EntryCursor cursor, long sequenceMax) {
        long count = 0;
        byte[] last = new byte[0];
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
            assertTrue(KeyOrder.compare(last, key) < 0, "order");
            last = key;
            count += cursor.sequence() <= sequenceMax ? 1 : 0;
        }
        return count;
    }

    private static byte[] key(int shape, int at, Random random) {
        String late = "x".repeat(300);
        return switch (shape) {
            case 1 -> number(random.nextInt(1_000_000_000));
            case 2 -> number(at);
            case 3 -> number(random.nextInt(3));
            case 4 -> (late + random.nextInt(500)).getBytes(StandardCharsets.US_ASCII);
            case 5 -> outside(at, random);
            default -> Arrays.copyOf(late.getBytes(StandardCharsets.US_ASCII), 1 + random.nextInt(20));
        };
    }

    /** Keys of one prefix as long as there are few, then also below, above, shorter and longer. */
    private static byte[] outside(int at, Random random) {
        String key = "key-00" + random.nextInt(10_000);
        if (at > 310) {
            key = switch (random.nextInt(6)) {
                case 0 -> "a" + random.nextInt(100);
                case 1 -> "z" + random.nextInt(100);
                case 2 -> "key-00".substring(0, 1 + random.nextInt(6));
                case 3 -> "key-00\0\0\0" + random.nextInt(3);
                case 4 -> "key-000";
                default -> key;
            };
        }
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] number(int number) {
        return String.format("%016d", number).getBytes(StandardCharsets.US_ASCII);
    }

    /** A key for each sequence number, far from those of its neighbours. */
    private static byte[] scattered(long sequence) {
        return ByteBuffer.allocate(16)
                .putLong(7)
                .putLong(sequence * 0x9E37_79B9_7F4A_7C15L)
                .array();
    }

    private static void put(Memtable memtable, TreeMap<Version, byte[]> model, byte[] key, Random random) {
        long sequence = model.size() + 1L;
        byte[] value = new byte[random.nextInt(50) == 0 ? 3000 : random.nextInt(20)];
        random.nextBytes(value);
        memtable.put(key, key.length, sequence, EntryKind.PUT, value, value.length);
        model.put(new Version(key, sequence), value);
    }

    /** Each way to place a cursor, as the first one after puts. */
    private static void assertPlaces(EntryCursor cursor, TreeMap<Version, byte[]> model, Random random, byte[] near) {
        switch (random.nextInt(3)) {
            case 0 -> {
                assertTrue(cursor.first());
                assertAt(model.firstKey(), cursor);
            }
            case 1 -> {
                assertTrue(cursor.last());
                assertAt(model.lastKey(), cursor);
            }
            default -> {
                Version expected = model.ceilingKey(new Version(near, Long.MAX_VALUE));
                assertEquals(expected != null, cursor.seek(near, near.length));
                if (expected != null) {
                    assertAt(expected, cursor);
                }
            }
        }
    }

    private static void assertAt(Version expected, EntryCursor cursor) {
        assertEquals(expected.sequence(), cursor.sequence());
        assertArrayEquals(expected.key(), Arrays.copyOf(cursor.key(), cursor.keyLength()));
    }

    private static void assertSame(EntryCursor cursor, TreeMap<Version, byte[]> model) {
        boolean on = cursor.first();
        for (Version expected : model.keySet()) {
            assertTrue(on);
            assertAt(expected, cursor);
            byte[] value = new byte[cursor.valueLength()];
            cursor.copyValue(0, value, 0, value.length);
            assertArrayEquals(model.get(expected), value);
            on = cursor.next();
        }
        assertFalse(on);
        on = cursor.last();
        for (Version expected : model.descendingKeySet()) {
            assertTrue(on);
            assertAt(expected, cursor);
            on = cursor.previous();
        }
        assertFalse(on);
    }
}
