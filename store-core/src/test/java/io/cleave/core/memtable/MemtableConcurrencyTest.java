package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.RealStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Readers beside one writer see whole entries, all that were put before they looked, in order. Every value is its key
 * and sequence number over and over, so that a half-written entry shows.
 */
final class MemtableConcurrencyTest {
    private static final int PUTS = 120_000;
    private static final int KEYS = 20_000;
    private static final int READERS = 3;
    private static final int CHUNK_BYTES = 4096;
    private static final int POOL_BYTES = 32 << 20;
    private static final int VERSIONS = 200_000;
    private static final int ROUNDS = 4;

    /** Sequence number of the last put that has returned. */
    private volatile long visible;

    @Test
    void readersSeeOnlyWholeEntriesInOrderAndEveryFinishedPut() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), CHUNK_BYTES, POOL_BYTES)) {
            fillWithGarbage(pool);
            Memtable memtable = new Memtable(pool, new MemoryBudget(1));
            CountDownLatch start = new CountDownLatch(READERS + 1);
            List<Future<Long>> results = new ArrayList<>();
            results.add(threads.submit(task(start, () -> write(memtable))));
            for (int i = 0; i < READERS; i++) {
                Random random = new Random(i);
                results.add(threads.submit(task(start, () -> read(memtable, random))));
            }
            for (Future<Long> result : results) {
                assertTrue(result.get() > 0);
            }
            assertEquals(PUTS, memtable.entries());
            assertEquals(PUTS, scanForward(memtable.cursor(), PUTS));
            assertEquals(PUTS, scanBackward(memtable.cursor(), PUTS));
            memtable.free();
            assertEquals(0, pool.bytesInUse());
        } finally {
            threads.shutdownNow();
        }
    }

    /** The writer adds versions of one key, each before all others; the readers stay where the next one appears. */
    @Test
    void readersWhereTheWriterWritesSeeOnlyWholeEntries() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        try (ChunkPool pool = new ChunkPool(RealStorage.open(), CHUNK_BYTES, POOL_BYTES)) {
            for (int round = 0; round < ROUNDS; round++) {
                fillWithGarbage(pool);
                visible = 0;
                Memtable memtable = new Memtable(pool, new MemoryBudget(1));
                CountDownLatch start = new CountDownLatch(READERS + 1);
                List<Future<Long>> results = new ArrayList<>();
                results.add(threads.submit(task(start, () -> writeVersions(memtable))));
                for (int i = 0; i < READERS; i++) {
                    int reader = i;
                    results.add(threads.submit(task(start, () -> readNewest(memtable, reader))));
                }
                for (Future<Long> result : results) {
                    assertTrue(result.get() > 0);
                }
                assertEquals(VERSIONS, memtable.entries());
                memtable.free();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private long writeVersions(Memtable memtable) {
        byte[] key = new byte[16];
        setKey(key, 5);
        byte[] value = new byte[32];
        for (long sequence = 1; sequence <= VERSIONS; sequence++) {
            fill(value, value.length, 5, sequence);
            memtable.put(key, key.length, sequence, EntryKind.PUT, value, value.length);
            visible = sequence;
        }
        return VERSIONS;
    }

    private long readNewest(Memtable memtable, int reader) {
        boolean byCursor = reader % 2 == 0;
        byte[] key = new byte[16];
        setKey(key, 5);
        long prefix = KeyOrder.prefix(key, key.length);
        byte[] value = new byte[32];
        Lookup found = new Lookup();
        EntryCursor cursor = memtable.cursor();
        long looked = 0;
        for (long seen = visible; seen < VERSIONS; seen = visible, looked++) {
            if (byCursor && cursor.first()) {
                long front = cursor.sequence();
                assertTrue(!cursor.previous() || cursor.sequence() > front, "before the first");
                assertTrue(cursor.first());
                assertTrue(cursor.sequence() >= seen, "not the newest");
                assertVersion(cursor, value);
                long newest = cursor.sequence();
                if (cursor.next()) {
                    assertEquals(newest - 1, cursor.sequence());
                    assertVersion(cursor, value);
                    assertTrue(cursor.previous());
                    assertEquals(newest, cursor.sequence());
                }
            } else if (!byCursor && memtable.find(key, key.length, prefix, Long.MAX_VALUE, found)) {
                assertTrue(found.sequence() >= seen, "not the newest");
                assertEquals(EntryKind.PUT, found.kind());
                assertEquals(value.length, found.valueLength());
                found.copyValue(value, 0, value.length);
                assertWhole(value, value.length, 5, found.sequence());
            } else {
                assertEquals(0, seen, "the key went away");
            }
        }
        return looked + 1;
    }

    private static void assertVersion(EntryCursor cursor, byte[] value) {
        assertEquals(16, cursor.keyLength());
        assertEquals(5, number(cursor));
        assertEquals(EntryKind.PUT, cursor.kind());
        assertEquals(value.length, cursor.valueLength());
        cursor.copyValue(0, value, 0, value.length);
        assertWhole(value, value.length, 5, cursor.sequence());
    }

    private static Callable<Long> task(CountDownLatch start, Callable<Long> body) {
        return () -> {
            start.countDown();
            start.await();
            return body.call();
        };
    }

    /** Chunks are recycled as they are: whatever is read before it was written is then far off. */
    private static void fillWithGarbage(ChunkPool pool) {
        List<BufferRegion> chunks = new ArrayList<>();
        for (int i = 0; i < POOL_BYTES / CHUNK_BYTES; i++) {
            BufferRegion chunk = pool.take();
            for (int at = 0; at < CHUNK_BYTES; at += Long.BYTES) {
                chunk.bytes().putLong(at, 0x7EAD_BEEF_7EAD_BEEFL);
            }
            chunks.add(chunk);
        }
        chunks.forEach(pool::give);
    }

    private long write(Memtable memtable) {
        Random random = new Random(77);
        byte[] key = new byte[16];
        byte[] value = new byte[4096];
        for (long sequence = 1; sequence <= PUTS; sequence++) {
            int number = sequence % 3 == 0 ? (int) (sequence * KEYS / PUTS) : random.nextInt(KEYS);
            setKey(key, number);
            int length = valueLength(sequence);
            fill(value, length, number, sequence);
            memtable.put(key, key.length, sequence, EntryKind.PUT, value, length);
            visible = sequence;
        }
        return PUTS;
    }

    private long read(Memtable memtable, Random random) {
        Lookup found = new Lookup();
        byte[] key = new byte[16];
        byte[] value = new byte[4096];
        long[] newest = new long[KEYS];
        EntryCursor cursor = memtable.cursor();
        long looked = 0;
        long seen = 0;
        while (seen < PUTS) {
            seen = visible;
            long before = memtable.entries();
            assertTrue(before >= seen, "entries");
            for (int i = 0; i < 1000; i++, looked++) {
                int number = random.nextInt(KEYS);
                setKey(key, number);
                if (memtable.find(key, key.length, KeyOrder.prefix(key, key.length), Long.MAX_VALUE, found)) {
                    assertTrue(found.sequence() >= newest[number], "a put went away");
                    newest[number] = found.sequence();
                    assertEquals(valueLength(found.sequence()), found.valueLength());
                    found.copyValue(value, 0, found.valueLength());
                    assertWhole(value, found.valueLength(), number, found.sequence());
                } else {
                    assertEquals(0, newest[number], "a key went away");
                }
                setKey(key, number);
                if (cursor.seek(key, key.length)) {
                    walk(cursor, random.nextBoolean() ? 1 : -1, value);
                }
            }
            if (random.nextInt(16) == 0) {
                seen = visible;
                assertTrue(scanForward(memtable.cursor(), seen) >= seen, "forward scan lost entries");
                assertTrue(scanBackward(memtable.cursor(), seen) >= seen, "backward scan lost entries");
            }
        }
        return looked;
    }

    /** A few steps from where the cursor stands, each checked. */
    private static void walk(EntryCursor cursor, int direction, byte[] value) {
        int number = number(cursor);
        long sequence = cursor.sequence();
        for (int step = 0; step < 4; step++) {
            assertWholeEntry(cursor, value);
            if (direction > 0 ? !cursor.next() : !cursor.previous()) {
                return;
            }
            assertOrder(number, sequence, cursor, direction);
            number = number(cursor);
            sequence = cursor.sequence();
        }
    }

    /** Scans all entries and returns how many there are up to {@code sequenceMax}. */
    private static long scanForward(EntryCursor cursor, long sequenceMax) {
        byte[] value = new byte[4096];
        long count = 0;
        int number = -1;
        long sequence = 0;
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            if (number >= 0) {
                assertOrder(number, sequence, cursor, 1);
            }
            assertWholeEntry(cursor, value);
            number = number(cursor);
            sequence = cursor.sequence();
            count += sequence <= sequenceMax ? 1 : 0;
        }
        return count;
    }

    private static long scanBackward(EntryCursor cursor, long sequenceMax) {
        long count = 0;
        int number = -1;
        long sequence = 0;
        for (boolean on = cursor.last(); on; on = cursor.previous()) {
            if (number >= 0) {
                assertOrder(number, sequence, cursor, -1);
            }
            number = number(cursor);
            sequence = cursor.sequence();
            count += sequence <= sequenceMax ? 1 : 0;
        }
        return count;
    }

    private static void assertOrder(int number, long sequence, EntryCursor after, int direction) {
        int keys = Integer.compare(number(after), number) * direction;
        assertTrue(keys > 0 || (keys == 0 && Long.compare(sequence, after.sequence()) * direction > 0), "order");
    }

    private static void assertWholeEntry(EntryCursor cursor, byte[] value) {
        assertEquals(16, cursor.keyLength());
        assertEquals(EntryKind.PUT, cursor.kind());
        assertEquals(valueLength(cursor.sequence()), cursor.valueLength());
        cursor.copyValue(0, value, 0, cursor.valueLength());
        assertWhole(value, cursor.valueLength(), number(cursor), cursor.sequence());
    }

    /** The key's number stands in its prefix and, negated, behind it. */
    private static void setKey(byte[] key, int number) {
        ByteBuffer.wrap(key).putInt(0, number >>> 4).putInt(4, number).putLong(8, ~number);
    }

    private static int number(EntryCursor cursor) {
        ByteBuffer key = ByteBuffer.wrap(cursor.key());
        assertEquals(~key.getInt(4), key.getLong(8));
        return key.getInt(4);
    }

    /** Mostly small, sometimes too large for a chunk. */
    private static int valueLength(long sequence) {
        return sequence % 500 == 0 ? 2048 : 16 + (int) (sequence % 5) * 16;
    }

    private static void fill(byte[] value, int length, int number, long sequence) {
        ByteBuffer target = ByteBuffer.wrap(value);
        for (int at = 0; at < length; at += 16) {
            target.putLong(at, number).putLong(at + 8, sequence);
        }
    }

    private static void assertWhole(byte[] value, int length, int number, long sequence) {
        ByteBuffer source = ByteBuffer.wrap(value);
        for (int at = 0; at < length; at += 16) {
            if (source.getLong(at) != number || source.getLong(at + 8) != sequence) {
                throw new AssertionError("entry " + number + "/" + sequence + " is torn at " + at);
            }
        }
    }
}
