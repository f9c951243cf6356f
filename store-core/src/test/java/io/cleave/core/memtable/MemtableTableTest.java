package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.RealStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finds by the key table: while it grows, among many versions, and when it does not know all. */
final class MemtableTableTest {
    private static final int READERS = 2;
    private static final int ROUNDS = 20;

    /** Sequence number of the last put that has returned. */
    private volatile long visible;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 65_536})
    void readersFindEveryFinishedPutWhileTheTableGrows(int chunkBytes) throws Exception {
        int puts = chunkBytes == 512 ? 3_000 : 20_000;
        ExecutorService threads = Executors.newFixedThreadPool(READERS);
        // Chunks come back with what the round before left in them.
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), chunkBytes, 64 << 20)) {
            for (int round = 0; round < ROUNDS; round++) {
                visible = 0;
                Memtable memtable = new Memtable(pool, new MemoryBudget(1));
                long salt = round * 1_000_003L;
                List<Future<Long>> results = new ArrayList<>();
                for (int i = 0; i < READERS; i++) {
                    Random random = new Random(i);
                    results.add(threads.submit(() -> findUntil(memtable, puts, salt, random)));
                }
                for (int sequence = 1; sequence <= puts; sequence++) {
                    putNumber(memtable, sequence, salt);
                    visible = sequence;
                }
                for (Future<Long> result : results) {
                    assertTrue(result.get() >= 0);
                }
                for (int sequence = 1; sequence <= puts; sequence++) {
                    assertFound(memtable, sequence, salt, new Lookup());
                }
                memtable.free();
            }
            assertEquals(0, pool.bytesInUse());
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64, 65, 66, 500})
    void findsEveryVersionOfAKey(int versions) {
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            int keys = 40;
            for (int sequence = 1; sequence <= versions * keys; sequence++) {
                put(memtable, key(sequence % keys, 0), sequence);
            }
            for (int number = 0; number < keys; number++) {
                for (int upTo = 0; upTo <= versions * keys + 1; upTo += 7) {
                    int newest = Math.min(upTo, versions * keys);
                    newest -= Math.floorMod(newest - number, keys);
                    assertEquals(Math.max(newest, 0), find(memtable, key(number, 0), upTo));
                }
            }
            memtable.free();
        }
    }

    @Test
    void findsVersionsThatWereNotPutByRisingNumber() {
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 4096, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            put(memtable, key(1, 0), 10);
            put(memtable, key(2, 0), 11);
            put(memtable, key(1, 0), 12);
            put(memtable, key(1, 0), 5);
            put(memtable, key(3, 0), 13);
            put(memtable, key(1, 0), 14);
            assertEquals(14, find(memtable, key(1, 0), Long.MAX_VALUE));
            assertEquals(12, find(memtable, key(1, 0), 13));
            assertEquals(10, find(memtable, key(1, 0), 11));
            assertEquals(5, find(memtable, key(1, 0), 9));
            assertEquals(0, find(memtable, key(1, 0), 4));
            assertEquals(11, find(memtable, key(2, 0), 20));
            assertEquals(13, find(memtable, key(3, 0), 13));
            assertEquals(0, find(memtable, key(4, 0), 20));
            memtable.free();
        }
    }

    @Test
    void holdsManyKeysOfOneHash() {
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 65_536, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            int keys = 2000;
            for (int i = 1; i <= keys; i++) {
                put(memtable, keyOfOneHash(i), i);
                assertEquals(i, find(memtable, keyOfOneHash(i), Long.MAX_VALUE));
                assertEquals(0, find(memtable, keyOfOneHash(keys + i), Long.MAX_VALUE));
            }
            for (int i = 1; i <= keys; i++) {
                assertEquals(KeyHash.of(keyOfOneHash(1), 16), KeyHash.of(keyOfOneHash(i), 16));
                assertEquals(i, find(memtable, keyOfOneHash(i), i));
                assertEquals(0, find(memtable, keyOfOneHash(i), i - 1));
            }
            EntryCursor cursor = memtable.cursor();
            int seen = 0;
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                seen++;
            }
            assertEquals(keys, seen);
            memtable.free();
        }
    }

    @Test
    void takesFewBytesAnEntryForTheTable() {
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), 65_536, 0)) {
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            double sum = 0;
            for (int i = 1; i <= 200_000; i++) {
                put(memtable, key(i, 0), i);
                if (i % 10_000 == 0 && i > 100_000) {
                    // 34 bytes of fields, 8 of the key, 8 of the value, with padding 56, and a third of a link.
                    double table = (double) memtable.bytes() / i - 56 - 8 / 3.0;
                    assertTrue(table < 16, table + " bytes at " + i);
                    sum += table;
                }
            }
            assertTrue(sum / 10 < 12, sum / 10 + " bytes");
            memtable.free();
        }
    }

    private long findUntil(Memtable memtable, int puts, long salt, Random random) {
        Lookup found = new Lookup();
        long looked = 0;
        for (long seen = visible; seen < puts; seen = visible) {
            if (seen == 0) {
                continue;
            }
            for (int i = 0; i < 50; i++, looked++) {
                // The ones on their way in: not there, or there in full.
                for (long next = visible + 1; next < visible + 3; next++) {
                    assertWholeIfFound(memtable, next, salt, found);
                }
                // Half of them among the last, where the table changes.
                long near = Math.max(1, seen - random.nextInt(64));
                assertFound(memtable, random.nextBoolean() ? near : 1 + random.nextInt((int) seen), salt, found);
                byte[] absent = key(random.nextInt(), salt + 1);
                assertFalse(memtable.find(absent, 16, KeyOrder.prefix(absent, 16), Long.MAX_VALUE, found));
            }
        }
        return looked;
    }

    private static void putNumber(Memtable memtable, long sequence, long salt) {
        put(memtable, key(sequence, salt), sequence);
    }

    private static void assertFound(Memtable memtable, long sequence, long salt, Lookup found) {
        assertTrue(assertWholeIfFound(memtable, sequence, salt, found), "lost " + sequence);
    }

    private static boolean assertWholeIfFound(Memtable memtable, long sequence, long salt, Lookup found) {
        byte[] key = key(sequence, salt);
        if (!memtable.find(key, key.length, KeyOrder.prefix(key, 16), Long.MAX_VALUE, found)) {
            return false;
        }
        assertEquals(sequence, found.sequence());
        byte[] value = new byte[8];
        assertEquals(8, found.valueLength());
        found.copyValue(value, 0, 8);
        assertArrayEquals(value(sequence), value);
        return true;
    }

    private static void put(Memtable memtable, byte[] key, long sequence) {
        memtable.put(key, key.length, sequence, EntryKind.PUT, value(sequence), 8);
    }

    private static byte[] value(long sequence) {
        return ByteBuffer.allocate(8).putLong(sequence * 31).array();
    }

    /** Sequence number found, 0 for none. */
    private static long find(Memtable memtable, byte[] key, long upTo) {
        Lookup found = new Lookup();
        return memtable.find(key, key.length, KeyOrder.prefix(key, key.length), upTo, found) ? found.sequence() : 0;
    }

    private static byte[] key(long number, long salt) {
        return ByteBuffer.allocate(16).putLong(salt).putLong(number).array();
    }

    /** Every round of the hash can be undone: the second half of a key may lead any first half to the same hash. */
    private static byte[] keyOfOneHash(long number) {
        long seed = 0x9E37_79B9_7F4A_7C15L;
        long multiplier = 0xD6E8_FEB8_6659_FD93L;
        long product = (seed ^ (16 * multiplier) ^ number) * multiplier;
        long state = (product ^ (product >>> 32)) * seed;
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .putLong(state ^ 42)
                .array();
    }
}
