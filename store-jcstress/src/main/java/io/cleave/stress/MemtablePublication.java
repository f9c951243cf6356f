package io.cleave.stress;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.memtable.Memtable;
import io.cleave.core.storage.RealStorage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A new node of a memtable is found whole or not at all, by the key table and by the order of keys. */
@JCStressTest
@Outcome(
        id = {"0, 0", "0, 1", "1, 0", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "absent or whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "a part of an entry")
@State
public class MemtablePublication {
    private static final ChunkPool POOL = new ChunkPool(RealStorage.open(), ChunkPool.CHUNK_BYTES_MIN, 64 << 20);
    private static final byte[] KEY = {'a', 'l', 'i', 'k', 'e', '-', 'k', 'e', 'y', '-', '1'};
    private static final byte[] VALUE = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    private static final int ABSENT = 0;
    private static final int WHOLE = 1;
    private static final int TORN = 2;

    private final Memtable memtable = new Memtable(POOL, new MemoryBudget(1 << 20));

    /** The writer. */
    @Actor
    public void put() {
        memtable.put(KEY, KEY.length, 1, EntryKind.PUT, VALUE, VALUE.length);
    }

    /** A point read, and a scan. */
    @Actor
    public void find(II_Result result) {
        Lookup found = new Lookup();
        boolean there = memtable.find(KEY, KEY.length, KeyOrder.prefix(KEY, KEY.length), Long.MAX_VALUE, found);
        result.r1 = ABSENT;
        if (there) {
            byte[] value = new byte[VALUE.length];
            boolean length = found.valueLength() == VALUE.length && found.sequence() == 1;
            if (length) {
                found.copyValue(value, 0, VALUE.length);
            }
            result.r1 = length && java.util.Arrays.equals(VALUE, value) ? WHOLE : TORN;
        }
        EntryCursor cursor = memtable.cursor();
        result.r2 = ABSENT;
        if (cursor.first()) {
            byte[] value = new byte[VALUE.length];
            boolean length = cursor.valueLength() == VALUE.length && cursor.keyLength() == KEY.length;
            if (length) {
                cursor.copyValue(0, value, 0, VALUE.length);
            }
            result.r2 = length && java.util.Arrays.equals(VALUE, value) ? WHOLE : TORN;
        }
    }

    /** Gives the chunks back. */
    @Arbiter
    public void free() {
        memtable.free();
    }
}
