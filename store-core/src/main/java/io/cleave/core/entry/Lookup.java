package io.cleave.core.entry;

import io.cleave.core.storage.Region;

/**
 * Where the answer to a point lookup lies: kind, sequence number and the place of the value. Reused from call to call.
 *
 * <p>Belongs to one thread. The place is valid only as long as whatever protects the source (an epoch or a lease) is held.
 */
public final class Lookup {
    private long sequence;
    private byte kind;
    private int valueLength;
    private Region region;
    private long offset;
    private byte[] heap;

    /** The value lies in a region. */
    public void set(long entrySequence, byte entryKind, Region valueRegion, long valueOffset, int length) {
        sequence = entrySequence;
        kind = entryKind;
        region = valueRegion;
        offset = valueOffset;
        heap = null;
        valueLength = length;
    }

    /** The value lies in a heap array, that of a decompressed block. */
    public void set(long entrySequence, byte entryKind, byte[] valueHeap, int valueOffset, int length) {
        sequence = entrySequence;
        kind = entryKind;
        region = null;
        offset = valueOffset;
        heap = valueHeap;
        valueLength = length;
    }

    /** Sequence number of the entry. */
    public long sequence() {
        return sequence;
    }

    /** Kind of the entry, see {@link EntryKind}. */
    public byte kind() {
        return kind;
    }

    /** Bytes of the value; 0 for a tombstone. */
    public int valueLength() {
        return valueLength;
    }

    /** Copies the first {@code length} bytes of the value. */
    public void copyValue(byte[] target, int at, int length) {
        if (heap != null) {
            System.arraycopy(heap, (int) offset, target, at, length);
        } else {
            region.copyTo(offset, target, at, length);
        }
    }

    /** Forgets the place, so that nothing is kept alive by it. */
    public void clear() {
        region = null;
        heap = null;
    }
}
