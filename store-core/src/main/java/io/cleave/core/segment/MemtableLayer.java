package io.cleave.core.segment;

import io.cleave.core.memtable.Memtable;
import io.cleave.core.resource.Shared;

/**
 * A memtable and the log position that must be kept for it. Reference counting is that of the memtable.
 *
 * <p>Thread-safety: the log position is written under the commit lock.
 */
public final class MemtableLayer {
    /** Nothing of this memtable needs the log. */
    public static final long NO_LOG = Long.MAX_VALUE;

    private final Shared<Memtable> memtable;
    private volatile long firstLogPosition = NO_LOG;
    private volatile int owners = 1;

    /** @param memtable held once for this layer */
    public MemtableLayer(Shared<Memtable> memtable) {
        this.memtable = memtable;
    }

    /** The memtable; the caller holds a reference or is inside an epoch. */
    public Memtable memtable() {
        return memtable.get();
    }

    /** The counted reference. */
    public Shared<Memtable> shared() {
        return memtable;
    }

    /** Where the log begins to hold entries of this memtable. */
    public long firstLogPosition() {
        return firstLogPosition;
    }

    /** Says that so many segments hold it, each for the keys in its bounds. Requires the commit lock. */
    public void divideAmong(int segments) {
        owners = segments;
    }

    /** Bytes of the memtable, or the part of them that falls to one of the segments that hold it. */
    public long bytes() {
        return memtable().bytes() / owners;
    }

    /** Tombstones of the memtable, every version counted, or the part of them that falls to one of the segments that hold it. */
    long tombstones() {
        return memtable().tombstones() / owners;
    }

    /** About how many of them a reader at {@code oldestSnapshot} sees, if they came evenly. */
    long droppableTombstones(long oldestSnapshot) {
        long tombstones = tombstones();
        long first = memtable().smallestSequence();
        long last = memtable().largestSequence();
        if (tombstones == 0 || oldestSnapshot >= last) {
            return tombstones;
        }
        return oldestSnapshot < first
                ? 0
                : (long) ((double) tombstones * (oldestSnapshot - first + 1) / (last - first + 1));
    }

    /** Sees to it that a put of an entry of that size finds memory; see {@link Memtable#reserve}. Requires the commit lock. */
    public void reserve(long commit, int keyLength, int valueLength) {
        memtable.get().reserve(commit, keyLength, valueLength);
    }

    /** Adds an entry. Requires the commit lock. {@code logPosition} is where its log record begins. */
    public void put(Entry entry, long logPosition) {
        if (firstLogPosition == NO_LOG) {
            firstLogPosition = logPosition;
        }
        memtable.get()
                .put(
                        entry.key,
                        entry.keyLength,
                        entry.sequence,
                        entry.kind,
                        entry.value,
                        entry.valueFrom,
                        entry.valueLength);
    }

    /** An entry on its way into a memtable. Reused; belongs to the holder of the commit lock. */
    public static final class Entry {
        private byte[] key;
        private int keyLength;
        private long sequence;
        private byte kind;
        private byte[] value;
        private int valueFrom;
        private int valueLength;

        /** Sets all fields and returns this. */
        public Entry set(byte[] newKey, long newSequence, byte newKind, byte[] newValue) {
            key = newKey;
            keyLength = newKey.length;
            sequence = newSequence;
            kind = newKind;
            return setValue(newValue, 0, newValue.length);
        }

        /** Sets the value, a part of an array that stays as it is until the entry was put, and returns this. */
        public Entry setValue(byte[] bytes, int from, int length) {
            value = bytes;
            valueFrom = from;
            valueLength = length;
            return this;
        }
    }
}
