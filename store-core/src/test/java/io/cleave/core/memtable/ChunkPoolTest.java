package io.cleave.core.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Memory is counted where it is taken and everything comes back. */
final class ChunkPoolTest {
    private static final int CHUNK_BYTES = 512;

    private final Storage storage = RealStorage.open();

    @Test
    void keepsNoMoreThanItMayIdle() {
        ChunkPool pool = new ChunkPool(storage, CHUNK_BYTES, CHUNK_BYTES + 1);
        BufferRegion one = pool.take();
        BufferRegion two = pool.take();
        assertEquals(CHUNK_BYTES, one.length());
        assertEquals(2 * CHUNK_BYTES, pool.bytesInUse());
        pool.give(one);
        pool.give(two);
        assertEquals(0, pool.bytesInUse());
        assertEquals(CHUNK_BYTES, pool.bytesIdle());
        assertEquals(CHUNK_BYTES, storage.counters().memoryBytes());
        assertSame(one, pool.take());
        assertEquals(0, pool.bytesIdle());
        pool.give(one);
        pool.close();
        pool.close();
        assertTrue(storage.counters().nothingHeld());
    }

    @Test
    void freesWhatIsGivenAfterItClosed() {
        ChunkPool pool = new ChunkPool(storage, CHUNK_BYTES, 1 << 20);
        BufferRegion chunk = pool.take();
        BufferRegion large = pool.takeLarge(100_000);
        assertEquals(CHUNK_BYTES + 100_000, pool.bytesInUse());
        pool.close();
        assertThrows(StoreClosedException.class, pool::take);
        assertThrows(StoreClosedException.class, () -> pool.takeLarge(1));
        pool.give(chunk);
        pool.giveLarge(large);
        assertEquals(0, pool.bytesInUse());
        assertEquals(0, pool.bytesIdle());
        assertTrue(storage.counters().nothingHeld());
    }

    @Test
    void refusesSizesItCannotAddress() {
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(storage, 256, 0));
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(storage, 1000, 0));
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(storage, 32 << 20, 0));
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(storage, 512, -1));
        assertThrows(IllegalArgumentException.class, () -> new MemoryBudget(0));
    }

    @Test
    void aMemtableBeginsWithSmallChunksAndAllAreRecycledBySize() {
        int chunkBytes = 64 << 10;
        ChunkPool pool = new ChunkPool(storage, chunkBytes, 1 << 20);
        MemoryBudget budget = new MemoryBudget(1 << 20);
        Memtable first = new Memtable(pool, budget);
        put(first, 1, 10);
        assertEquals(chunkBytes / 16, first.bytes());
        // What is left of that chunk is too little for a quarter of a full one.
        put(first, 2, chunkBytes / 5);
        assertEquals(chunkBytes / 16 + chunkBytes / 4, first.bytes());
        for (int number = 3; number <= 5; number++) {
            put(first, number, chunkBytes / 5);
        }
        assertEquals(chunkBytes / 16 + chunkBytes / 4 + chunkBytes / 4 + chunkBytes / 2, first.bytes());
        assertHolds(first, 5);
        long bytes = first.bytes();
        first.free();
        assertEquals(bytes, pool.bytesIdle());
        Memtable second = new Memtable(pool, budget);
        put(second, 1, 10);
        assertEquals(bytes - chunkBytes / 16, pool.bytesIdle());
        second.free();
        assertEquals(bytes, storage.counters().memoryBytes());
        pool.close();
        assertTrue(storage.counters().nothingHeld());
    }

    @Test
    void memtablesShareOneBudgetAndReturnAllOfIt() {
        ChunkPool pool = new ChunkPool(storage, CHUNK_BYTES, 1 << 20);
        MemoryBudget budget = new MemoryBudget(3 * CHUNK_BYTES);
        Memtable one = new Memtable(pool, budget);
        Memtable two = new Memtable(pool, budget);
        assertEquals(0, one.bytes());
        assertEquals(0, pool.bytesInUse());
        put(one, 1, 10);
        put(two, 1, 10);
        assertEquals(CHUNK_BYTES, one.bytes());
        assertFalse(budget.exceeded());
        put(two, 2, 5000);
        assertEquals(budget.used(), one.bytes() + two.bytes());
        assertEquals(budget.used(), pool.bytesInUse());
        assertEquals(5008, two.entryBytes() - 18);
        assertTrue(two.bytes() >= CHUNK_BYTES + 5000);
        assertTrue(budget.exceeded());
        one.free();
        one.free();
        assertEquals(budget.used(), two.bytes());
        two.free();
        assertEquals(0, budget.used());
        assertEquals(0, one.bytes() + two.bytes());
        assertEquals(0, pool.bytesInUse());
        assertThrows(IllegalStateException.class, () -> put(one, 3, 10));
        assertFalse(one.cursor().first());
        pool.close();
        assertTrue(storage.counters().nothingHeld());
    }

    @Test
    void aPutWithoutMemoryChangesNothing() {
        int[] left = {0};
        ChunkPool pool = new ChunkPool(limited(left), CHUNK_BYTES, 0);
        MemoryBudget budget = new MemoryBudget(1 << 20);
        Memtable memtable = new Memtable(pool, budget);
        int failures = 0;
        for (int sequence = 1; sequence <= 200; sequence++) {
            int length = sequence % 7 == 0 ? 3000 : 20;
            int number = sequence;
            while (true) {
                try {
                    put(memtable, number, length);
                    break;
                } catch (StoreException.LimitReached e) {
                    failures++;
                    assertEquals(sequence - 1, memtable.entries());
                    assertEquals(budget.used(), memtable.bytes());
                    assertEquals(budget.used(), pool.bytesInUse());
                    assertHolds(memtable, sequence - 1);
                    left[0] = 1;
                }
            }
            assertEquals(sequence, memtable.entries());
        }
        assertTrue(failures > 20);
        assertHolds(memtable, 200);
        memtable.free();
        assertEquals(0, budget.used());
        assertEquals(0, pool.bytesInUse());
        pool.close();
        assertTrue(storage.counters().nothingHeld());
    }

    /** Finds and sees in order the keys from 1 on, and nothing else. */
    private static void assertHolds(Memtable memtable, int last) {
        Lookup found = new Lookup();
        for (int number = 1; number <= last + 1; number++) {
            byte[] key = {0, 0, 0, 0, 0, 0, 0, (byte) number};
            boolean hit = memtable.find(key, 8, KeyOrder.prefix(key, 8), Long.MAX_VALUE, found);
            assertEquals(number <= last, hit);
            assertTrue(!hit || found.sequence() == number);
        }
        EntryCursor cursor = memtable.cursor();
        boolean on = cursor.first();
        for (int number = 1; number <= last; number++) {
            assertTrue(on);
            assertEquals(number, cursor.sequence());
            on = cursor.next();
        }
        assertFalse(on);
    }

    private static void put(Memtable memtable, int sequence, int valueLength) {
        byte[] key = {0, 0, 0, 0, 0, 0, 0, (byte) sequence};
        memtable.put(key, key.length, sequence, EntryKind.PUT, new byte[valueLength], valueLength);
    }

    /** A storage with memory for {@code left[0]} more allocations. */
    private Storage limited(int[] left) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("allocate") && left[0]-- <= 0) {
                        throw new StoreException.LimitReached("no more memory");
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
