package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Entries that are not yet in a run: a map in off-heap memory, ordered by key ascending, within a key newest first.
 *
 * <p>Shape: {@link Nodes} in an {@link Arena} of pool chunks, taken as they are needed; an empty memtable holds none. A
 * {@link KeyTable} leads from a key to its newest version, and that to older ones. A {@link MemtableOrder} is made when
 * somebody asks for order: a put does not touch it.
 *
 * <p>Ownership: the creator calls {@link #free} once no reader and no writer is left.
 *
 * <p>Thread-safety: one writer at a time, successive writers ordered by a lock of the caller's. Any number of readers
 * at the same time: an entry is wholly visible once {@link #put} returns and never in part. Cursors are weakly
 * consistent: what is put after they were placed they may show or not. Finds take no lock but when a key has very many
 * versions or the key table is not complete; placing a cursor takes one when there were puts since the last time. That
 * lock is a leaf, and the writer never waits for it.
 *
 * <p>Errors: {@code LimitReached} from {@link #put} when there is no memory, which leaves the entries as they were.
 */
public final class Memtable {
    private static final VarHandle ENTRIES = handle("entries");
    private static final VarHandle ENTRY_BYTES = handle("entryBytes");
    private static final VarHandle TOMBSTONES = handle("tombstones");
    private static final VarHandle SEQUENCE_MIN = handle("sequenceMin");
    private static final VarHandle SEQUENCE_MAX = handle("sequenceMax");
    private static final VarHandle SMALLEST = handle("smallest", int.class);
    private static final VarHandle LARGEST = handle("largest", int.class);

    private static final byte[] NO_BYTES = {};
    private static final byte KIND_MAX = -1;

    /** So many versions of a key are passed one by one; then the order is quicker, however it is made. */
    private static final int VERSIONS_PASSED_MAX = 64;

    private final Arena arena;
    private final Nodes nodes;
    private final SkipList list;
    private final KeyTable table;
    private final SharedPrefix shared = new SharedPrefix();
    private final MemtableOrder order;

    /**
     * False once an entry was not entered in the key table: it was put after a newer version of its key, or too many
     * keys had its hash. Then only the order knows all. Written by the writer before the entry is published.
     */
    private volatile boolean tableComplete = true;

    // Written by the writer with release, read by all with acquire.
    private long entries;
    private long entryBytes;
    private long tombstones;
    private long sequenceMin;
    private long sequenceMax;
    private int smallest;
    private int largest;

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
        nodes = new Nodes(arena);
        list = new SkipList(arena, nodes);
        table = new KeyTable(arena, nodes, pool.chunkBytes());
        order = new MemtableOrder(nodes, list, shared, expectedPrefix.clone());
    }

    /**
     * Sees to it that a put of an entry of that size finds memory. Reservations of one commit add up; they are void with the first
     * one of another.
     *
     * @param commit a number of the commit, other than 0
     * @throws io.cleave.error.StoreException.LimitReached when there is no memory; the entries are as they were
     */
    public void reserve(long commit, int keyLength, int valueLength) {
        nodes.reserve(commit, keyLength, valueLength, list.headBytes() + table.roomBytesMax() + Long.BYTES);
    }

    /**
     * Adds an entry. Requires: the caller is the one writer; no entry has this key and sequence number. Versions of a
     * key are expected to come by rising sequence number; if one does not, every find is slower from then on.
     *
     * @param sequence 1 to {@link EntryLimits#SEQUENCE_MAX}
     * @param kind see {@link EntryKind}
     */
    public void put(byte[] key, int keyLength, long sequence, byte kind, byte[] value, int valueLength) {
        put(key, keyLength, sequence, kind, value, 0, valueLength);
    }

    /** The same with a value that begins at {@code valueFrom} of an array. */
    public void put(byte[] key, int keyLength, long sequence, byte kind, byte[] value, int valueFrom, int valueLength) {
        assert keyLength >= EntryLimits.KEY_BYTES_MIN && keyLength <= EntryLimits.KEY_BYTES_MAX : keyLength;
        assert valueLength >= 0 && valueLength <= EntryLimits.VALUE_BYTES_MAX : valueLength;
        assert sequence > 0 && sequence <= EntryLimits.SEQUENCE_MAX : sequence;
        long hash = KeyHash.of(key, keyLength);
        long prefix = KeyOrder.prefix(key, keyLength);
        long tag = NodeLayout.tag(sequence, kind);
        list.ensureHead();
        long place = tableComplete ? table.place(key, keyLength, hash, prefix) : NodeLayout.NONE;
        int older = (int) place;
        boolean entered =
                tableComplete && (older == NodeLayout.NONE ? table.makeRoom(hash, entries) : isNewer(sequence, older));
        int node = nodes.add(key, keyLength, prefix, tag, valueLength, entered ? older : NodeLayout.NONE);
        nodes.putValue(value, valueFrom, valueLength);
        // Nothing fails from here on.
        shared.add(key, keyLength);
        if (!entered) {
            tableComplete = false;
        } else if (older == NodeLayout.NONE) {
            table.add(hash, node);
        } else {
            table.replace(hash, place, node);
        }
        stretch(node, key, keyLength, prefix, tag);
        nodes.publish(node, keyLength);
        count(sequence, kind, keyLength + valueLength);
    }

    /**
     * Finds the newest version of a key with a sequence number not above {@code upTo}.
     *
     * @param prefix the key's, see {@link KeyOrder#prefix}
     * @param out set when there is one; its place is valid until the memtable is freed
     * @return false when there is none
     */
    public boolean find(byte[] key, int keyLength, long prefix, long upTo, Lookup out) {
        return find(key, keyLength, KeyHash.of(key, keyLength), prefix, upTo, out);
    }

    /**
     * Finds the newest version of a key with a sequence number not above {@code upTo}.
     *
     * @param hash the key's, see {@link KeyHash}
     * @param prefix the key's, see {@link KeyOrder#prefix}
     * @param out set when there is one; its place is valid until the memtable is freed
     * @return false when there is none
     */
    public boolean find(byte[] key, int keyLength, long hash, long prefix, long upTo, Lookup out) {
        long tagMax = NodeLayout.tag(Math.min(upTo, EntryLimits.SEQUENCE_MAX), KIND_MAX);
        if (!tableComplete) {
            return findInOrder(key, keyLength, prefix, tagMax, out);
        }
        int node = table.find(key, keyLength, hash, prefix);
        for (int passed = 0; node != NodeLayout.NONE; passed++) {
            ByteBuffer chunk = arena.buffer(node);
            int base = arena.base(node);
            long tag = NodeLayout.tag(chunk, base);
            if (Long.compareUnsigned(tag, tagMax) <= 0) {
                set(out, node, chunk, base, tag, keyLength);
                return true;
            }
            if (passed == VERSIONS_PASSED_MAX) {
                return findInOrder(key, keyLength, prefix, tagMax, out);
            }
            node = NodeLayout.older(chunk, base);
        }
        return false;
    }

    /** A new cursor, unpositioned; the memtable must not be freed while it is in use. */
    public EntryCursor cursor() {
        return new MemtableCursor(arena, nodes, order);
    }

    /** As {@link #cursor}, for one pass over a memtable that takes no more puts: sorts its entries unless they are in order. */
    public EntryCursor sealedCursor() {
        return new MemtableCursor(arena, nodes, order, order.sortedUnlessLinked());
    }

    /** True when some key may lie within the bounds: the smallest is below their end, the largest not below their start. */
    public boolean reaches(KeyBounds bounds) {
        return !isEmpty()
                && (bounds.upper() == null || compareKey((int) SMALLEST.getAcquire(this), bounds.upper()) < 0)
                && (bounds.lower() == null || compareKey((int) LARGEST.getAcquire(this), bounds.lower()) >= 0);
    }

    /** A copy of the smallest key; null when there is none. */
    public byte[] smallestKey() {
        return isEmpty() ? null : nodes.key((int) SMALLEST.getAcquire(this));
    }

    /** What all keys start with, in a new array; empty when there is nothing, or no key. */
    public byte[] sharedPrefix() {
        return shared.toArray();
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

    /** Entries put that say that a key has no value, every version counted. */
    public long tombstones() {
        return (long) TOMBSTONES.getAcquire(this);
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
        table.clear();
        nodes.clear();
        order.clear();
        arena.free();
    }

    /** Finds as the key table would, if it knew all entries and passed versions quickly. */
    private boolean findInOrder(byte[] key, int keyLength, long prefix, long tagMax, Lookup out) {
        int node = order.complete().seek(key, keyLength, prefix, tagMax);
        if (node == NodeLayout.NONE || !nodes.hasKey(node, key, keyLength, prefix)) {
            return false;
        }
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        set(out, node, chunk, base, NodeLayout.tag(chunk, base), keyLength);
        return true;
    }

    private void set(Lookup out, int node, ByteBuffer chunk, int base, long tag, int keyLength) {
        int valueLength = NodeLayout.valueLength(chunk, base);
        int keyRest = NodeLayout.keyRest(keyLength);
        boolean large = NodeLayout.isLarge(chunk, base);
        Region region = large ? arena.large(NodeLayout.largeNumber(chunk, base)) : arena.region(node);
        int from = large ? keyRest : NodeLayout.payload(chunk, base) + keyRest;
        out.set(NodeLayout.sequence(tag), (byte) tag, region, from, valueLength);
    }

    /** Keeps the smallest and the largest key. */
    private void stretch(int node, byte[] key, int keyLength, long prefix, long tag) {
        long flipped = NodeLayout.flip(prefix);
        if (entries == 0 || nodes.compare(smallest, key, keyLength, flipped, tag) > 0) {
            SMALLEST.setRelease(this, node);
        }
        if (entries == 0 || nodes.compare(largest, key, keyLength, flipped, tag) < 0) {
            LARGEST.setRelease(this, node);
        }
    }

    private int compareKey(int node, byte[] key) {
        byte[] mine = nodes.key(node);
        return KeyOrder.compare(mine, key);
    }

    private boolean isNewer(long sequence, int node) {
        long other = NodeLayout.sequence(nodes.tag(node));
        assert sequence != other : "key and sequence number put twice: " + sequence;
        return sequence > other;
    }

    private void count(long sequence, byte kind, int length) {
        if (entries == 0 || sequence < sequenceMin) {
            SEQUENCE_MIN.setRelease(this, sequence);
        }
        if (sequence > sequenceMax) {
            SEQUENCE_MAX.setRelease(this, sequence);
        }
        TOMBSTONES.setRelease(this, tombstones + EntryKind.tombstones(kind));
        ENTRY_BYTES.setRelease(this, entryBytes + length);
        ENTRIES.setRelease(this, entries + 1);
    }

    private static VarHandle handle(String field) {
        return handle(field, long.class);
    }

    private static VarHandle handle(String field, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(Memtable.class, field, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
