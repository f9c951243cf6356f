package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Entries that are not yet in a run: an ordered map in off-heap memory, by key ascending, within a key newest first.
 *
 * <p>Shape: a {@link SkipList} in an {@link Arena} of pool chunks, taken as they are needed; an empty memtable holds
 * none.
 *
 * <p>Ownership: the creator calls {@link #free} once no reader and no writer is left.
 *
 * <p>Thread-safety: one writer at a time, successive writers ordered by a lock of the caller's. Any number of readers
 * at the same time, without locks: an entry is wholly visible once {@link #put} returns and never in part. Cursors are
 * weakly consistent: what is put while they move they may show or not.
 *
 * <p>Errors: {@code LimitReached} from {@link #put} when there is no memory, which leaves the entries as they were.
 */
public final class Memtable {
    private static final VarHandle ENTRIES = handle("entries");
    private static final VarHandle ENTRY_BYTES = handle("entryBytes");
    private static final VarHandle SEQUENCE_MIN = handle("sequenceMin");
    private static final VarHandle SEQUENCE_MAX = handle("sequenceMax");

    private static final byte[] NO_BYTES = {};
    private static final byte KIND_MAX = -1;

    private final Arena arena;
    private final SkipList list;

    // Written by the writer with release, read by all with acquire.
    private long entries;
    private long entryBytes;
    private long sequenceMin;
    private long sequenceMax;

    /**
     * @param pool where chunks come from and go back to
     * @param budget what they are counted in
     */
    public Memtable(ChunkPool pool, MemoryBudget budget) {
        this(pool, budget, NO_BYTES);
    }

    /**
     * @param pool where chunks come from and go back to
     * @param budget what they are counted in
     * @param expectedPrefix what the keys are expected to start with, as {@link #sharedPrefix} of an earlier memtable
     *     told: a right guess makes searches faster, a wrong one slower, nothing more
     */
    public Memtable(ChunkPool pool, MemoryBudget budget, byte[] expectedPrefix) {
        arena = new Arena(pool, budget);
        list = new SkipList(arena, new SlotOrder(expectedPrefix.clone()));
    }

    /**
     * Adds an entry. Requires: the caller is the one writer; no entry has this key and sequence number.
     *
     * @param sequence 1 to {@link EntryLimits#SEQUENCE_MAX}
     * @param kind see {@link EntryKind}
     */
    public void put(byte[] key, int keyLength, long sequence, byte kind, byte[] value, int valueLength) {
        assert keyLength >= EntryLimits.KEY_BYTES_MIN && keyLength <= EntryLimits.KEY_BYTES_MAX : keyLength;
        assert valueLength >= 0 && valueLength <= EntryLimits.VALUE_BYTES_MAX : valueLength;
        assert sequence > 0 && sequence <= EntryLimits.SEQUENCE_MAX : sequence;
        long prefix = KeyOrder.prefix(key, keyLength);
        list.insert(key, keyLength, prefix, NodeLayout.tag(sequence, kind), value, valueLength);
        count(sequence, keyLength + valueLength);
    }

    /**
     * Finds the newest version of a key with a sequence number not above {@code upTo}.
     *
     * @param prefix the key's, see {@link KeyOrder#prefix}
     * @param out set when there is one; its place is valid until the memtable is freed
     * @return false when there is none
     */
    public boolean find(byte[] key, int keyLength, long prefix, long upTo, Lookup out) {
        long tagMax = NodeLayout.tag(Math.min(upTo, EntryLimits.SEQUENCE_MAX), KIND_MAX);
        int node = list.seek(key, keyLength, prefix, tagMax);
        if (node == NodeLayout.NONE || !list.hasKey(node, key, keyLength, prefix)) {
            return false;
        }
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        long tag = NodeLayout.tag(chunk, base);
        int valueLength = NodeLayout.valueLength(chunk, base);
        int keyRest = NodeLayout.keyRest(keyLength);
        boolean large = NodeLayout.isLarge(chunk, base);
        Region region = large ? arena.large(NodeLayout.largeNumber(chunk, base)) : arena.region(node);
        int from = large ? keyRest : base + NodeLayout.PAYLOAD_OFFSET + keyRest;
        out.set(NodeLayout.sequence(tag), (byte) tag, region, from, valueLength);
        return true;
    }

    /** A new cursor, unpositioned; the memtable must not be freed while it is in use. */
    public EntryCursor cursor() {
        return new MemtableCursor(arena, list);
    }

    /** What all keys start with, in a new array; empty when there is nothing, or no key. */
    public byte[] sharedPrefix() {
        EntryCursor first = cursor();
        EntryCursor last = cursor();
        if (!first.first() || !last.last()) {
            return NO_BYTES;
        }
        int common = Math.min(first.keyLength(), last.keyLength());
        int differs = Arrays.mismatch(first.key(), 0, common, last.key(), 0, common);
        return Arrays.copyOf(first.key(), differs < 0 ? common : differs);
    }

    /** Bytes of memory taken, in whole chunks: what the budget counts. */
    public long bytes() {
        return arena.bytes();
    }

    /** Bytes of all keys and values put. */
    public long entryBytes() {
        return (long) ENTRY_BYTES.getAcquire(this);
    }

    /** Entries put, every version counted. */
    public long entries() {
        return (long) ENTRIES.getAcquire(this);
    }

    /** True until the first put. */
    public boolean isEmpty() {
        return entries() == 0;
    }

    /** Smallest sequence number put; 0 when empty. */
    public long smallestSequence() {
        return (long) SEQUENCE_MIN.getAcquire(this);
    }

    /** Largest sequence number put; 0 when empty. */
    public long largestSequence() {
        return (long) SEQUENCE_MAX.getAcquire(this);
    }

    /**
     * Gives all memory back; idempotent. Afterwards the memtable finds nothing and refuses puts, its counts stay.
     * Requires: no reader, no cursor in use and no writer is left.
     */
    public void free() {
        list.clear();
        arena.free();
    }

    private void count(long sequence, int length) {
        if (entries == 0 || sequence < sequenceMin) {
            SEQUENCE_MIN.setRelease(this, sequence);
        }
        if (sequence > sequenceMax) {
            SEQUENCE_MAX.setRelease(this, sequence);
        }
        ENTRY_BYTES.setRelease(this, entryBytes + length);
        ENTRIES.setRelease(this, entries + 1);
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(Memtable.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
