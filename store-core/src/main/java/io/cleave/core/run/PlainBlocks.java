package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.PageCache;
import io.cleave.core.storage.Region;

/**
 * The blocks of a run without compression, read where they are mapped. Beside the mark for each block there is one for
 * each 4 KiB of data, which says that every block that reaches into it was checked: a lookup that comes with an entry's
 * offset needs no search for its block.
 */
final class PlainBlocks extends RunBlocks {
    private static final int GRANULE_SHIFT = 12;

    private final Region region;
    private final long dataEnd;
    private final long sequenceBase;
    /** By block: 0 until it was found right, then {@link PageCache#mark} of the time when a seek last touched it. */
    private final byte[] blockChecked;
    /** By granule, the same for all blocks in it, and for lookups. */
    private final byte[] granuleChecked;

    PlainBlocks(RunFile file, SparseIndex index) {
        super(file, index);
        this.region = file.region();
        this.dataEnd = file.dataEnd();
        this.sequenceBase = file.footer().sequenceBase();
        this.blockChecked = new byte[index.blocks()];
        this.granuleChecked = new byte[Math.toIntExact((dataEnd >>> GRANULE_SHIFT) + 1)];
    }

    /**
     * Looks at the entry at an offset, the newest version of its key.
     *
     * @return false when it is another key's or the key has no version that is old enough
     */
    boolean findAt(long at, byte[] key, int keyLength, long sequenceMax, Lookup out) {
        if (at < RunHeaderFormat.LENGTH || at >= dataEnd) {
            throw file.corrupt(at, "position of an entry", "below " + dataEnd, at);
        }
        if (granuleChecked[(int) (at >>> GRANULE_SHIFT)] != PageCache.mark()) {
            touchGranule(at >>> GRANULE_SHIFT);
        }
        long word = region.getLong(at);
        long keyAt = at + EntryFormat.headBytes(word);
        if (EntryFormat.firstLength(word) != keyLength || !matches(keyAt, key, keyLength)) {
            return false;
        }
        if (sequence(at, word) > sequenceMax) {
            return find(index.blockOfOffset(at), key, keyLength, sequenceMax, out);
        }
        long end = set(at, word, out);
        if (granuleChecked[(int) ((end - 1) >>> GRANULE_SHIFT)] != PageCache.mark()) {
            touchRest(at, end);
        }
        return true;
    }

    @Override
    boolean find(int ordinal, byte[] key, int keyLength, long sequenceMax, Lookup out) {
        int block = ordinal;
        requireTouched(block);
        int entry = lowerBound(block, key, keyLength, index.word(key, keyLength, KeyOrder.prefix(key, keyLength)));
        while (true) {
            if (entry == entries(block)) {
                block++;
                if (block == index.blocks()) {
                    return false;
                }
                requireChecked(block);
                entry = 0;
            }
            long at = entryAt(block, entry);
            long word = region.getLong(at);
            if (EntryFormat.firstLength(word) != keyLength
                    || !region.equal(at + EntryFormat.headBytes(word), key, keyLength)) {
                return false;
            }
            if (sequence(at, word) <= sequenceMax) {
                set(at, word, out);
                return true;
            }
            entry++;
        }
    }

    @Override
    void check(int ordinal) {
        long start = index.blockStart(ordinal);
        long end = index.blockEnd(ordinal);
        file.checkPiece(start, end - Integer.BYTES, "data block");
        long trailer = end - BlockFormat.TRAILER_BYTES;
        int count = entries(ordinal);
        long entriesEnd = trailer - (long) count * BlockFormat.RESTART_BYTES;
        require(region.getByte(trailer + BlockFormat.ENCODING_OFFSET) == BlockFormat.ENCODING_RAW, trailer, "encoding");
        require(region.getByte(trailer + BlockFormat.RESERVED_OFFSET) == 0, trailer, "reserved byte");
        require(region.getInt(trailer + BlockFormat.RAW_LENGTH_OFFSET) == trailer - start, trailer, "length of block");
        require(count > 0 && entriesEnd > start, trailer, "number of entries");
        long at = start;
        for (int i = 0; i < count; i++) {
            require(at < entriesEnd, trailer, "number of entries");
            require(entryAt(ordinal, i) == at, entriesEnd + 2L * i, "restart");
            long word = region.getLong(at);
            int keyLength = EntryFormat.firstLength(word);
            int valueLength = EntryFormat.valueLength(word);
            int kind = EntryFormat.kind(word);
            require(EntryKind.isKnown(kind), at, "kind of entry");
            // What first and last key share starts every key: words are loaded from behind it.
            require(keyLength > 0 && keyLength >= index.sharedPrefix().length, at, "key length");
            require(valueLength >= 0 && (valueLength == 0 || kind == EntryKind.PUT), at, "value length");
            long sequence = sequence(at, word);
            require(sequence >= 0 && sequence <= EntryLimits.SEQUENCE_MAX, at, "sequence number");
            at += EntryFormat.headBytes(word) + (long) keyLength + valueLength;
        }
        require(at == entriesEnd, at, "end of entries");
        blockChecked[ordinal] = PageCache.mark();
    }

    @Override
    RunCursor cursor() {
        return new PlainCursor(this, index, region);
    }

    @Override
    BlockEntry entry(int ordinal, int number) {
        long start = index.blockStart(ordinal);
        long at = entryAt(ordinal, number);
        long word = region.getLong(at);
        byte[] key = new byte[EntryFormat.firstLength(word)];
        long keyAt = at + EntryFormat.headBytes(word);
        region.copyTo(keyAt, key, 0, key.length);
        long sequence = sequence(at, word);
        long valueAt = keyAt + key.length - start;
        int valueLength = EntryFormat.valueLength(word);
        return new BlockEntry(at - start, 0, key, sequence, EntryFormat.kind(word), valueAt, valueLength);
    }

    void requireChecked(int ordinal) {
        if (blockChecked[ordinal] == 0) {
            check(ordinal);
        }
    }

    /** As {@link #requireChecked}, for a block that is not read after its neighbour: it may not be in memory. */
    void requireTouched(int ordinal) {
        if (blockChecked[ordinal] != PageCache.mark()) {
            long start = index.blockStart(ordinal);
            region.warm(start, index.blockEnd(ordinal) - start);
            requireChecked(ordinal);
            blockChecked[ordinal] = PageCache.mark();
        }
    }

    /** Entries in a block. */
    int entries(int ordinal) {
        return region.getUnsignedShort(
                index.blockEnd(ordinal) - BlockFormat.TRAILER_BYTES + BlockFormat.ENTRIES_OFFSET);
    }

    /** File offset of an entry of a block. */
    long entryAt(int ordinal, int entry) {
        long restarts = index.blockEnd(ordinal) - BlockFormat.TRAILER_BYTES - 2L * entries(ordinal);
        return index.blockStart(ordinal) + region.getUnsignedShort(restarts + 2L * entry);
    }

    /**
     * Number of the first entry of a block whose key is not below the given one; the number of entries when all are.
     *
     * @param word the key's {@link SparseIndex#word}
     */
    int lowerBound(int ordinal, byte[] key, int keyLength, long word) {
        int count = entries(ordinal);
        long start = index.blockStart(ordinal);
        long restarts = index.blockEnd(ordinal) - BlockFormat.TRAILER_BYTES - 2L * count;
        int low = 0;
        int high = count;
        // Entries near the guess share its cache lines; those that halving would look at do not.
        int middle = (int) (index.guess(ordinal, word) * count);
        int step = 1;
        while (low < high) {
            if (isBelow(start + region.getUnsignedShort(restarts + 2L * middle), key, keyLength, word)) {
                low = middle + 1;
                middle += step;
            } else {
                high = middle;
                middle -= step;
            }
            step += step;
            if (middle < low || middle >= high) {
                middle = (low + high) >>> 1;
            }
        }
        return low;
    }

    private boolean isBelow(long at, byte[] key, int keyLength, long word) {
        int skipped = index.sharedPrefix().length;
        long head = region.getLong(at);
        long keyAt = at + EntryFormat.headBytes(head);
        int length = EntryFormat.firstLength(head);
        long found = OrderWord.masked(Long.reverseBytes(region.getLong(keyAt + skipped)), length - skipped);
        return found == word
                ? region.compare(keyAt, length, key, keyLength) < 0
                : Long.compareUnsigned(found, word) < 0;
    }

    /** Sequence number of the entry at an offset, whose first 8 bytes are given. */
    long sequence(long at, long word) {
        int bytes = EntryFormat.sequenceBytes(word);
        long stored = region.getLong(at + 2 + EntryFormat.wide(word) + EntryFormat.valueBytes(word));
        return EntryFormat.sequence(sequenceBase, EntryFormat.low(stored, bytes));
    }

    /** The position comes from the point index: its checksum was right, but it is not known to be an entry's start. */
    private boolean matches(long keyAt, byte[] key, int keyLength) {
        return keyAt + keyLength <= dataEnd && region.equal(keyAt, key, keyLength);
    }

    /** Returns the offset after the entry. */
    private long set(long at, long word, Lookup out) {
        long valueAt = at + EntryFormat.headBytes(word) + EntryFormat.firstLength(word);
        int valueLength = EntryFormat.valueLength(word);
        long end = valueAt + valueLength;
        if (valueLength < 0 || end > dataEnd) {
            throw file.corrupt(at, "end of entry", "at most " + dataEnd, end);
        }
        out.set(sequence(at, word), EntryFormat.kind(word), region, valueAt, valueLength);
        return end;
    }

    /** A granule that may not be in memory, or was never looked at. */
    private void touchGranule(long granule) {
        if (granuleChecked[(int) granule] == 0) {
            checkGranule(granule);
        } else {
            region.warm(granule << GRANULE_SHIFT, 1 << GRANULE_SHIFT);
        }
        granuleChecked[(int) granule] = PageCache.mark();
    }

    /** The same for what follows of an entry that was found, up to its end. */
    private void touchRest(long at, long end) {
        int granule = (int) ((end - 1) >>> GRANULE_SHIFT);
        long from = ((at >>> GRANULE_SHIFT) + 1) << GRANULE_SHIFT;
        if (from < end) {
            region.warm(from, end - from);
        }
        if (granuleChecked[granule] == 0) {
            checkGranule(granule);
        }
        granuleChecked[granule] = PageCache.mark();
    }

    /** Checks every block that reaches into a granule. */
    private void checkGranule(long granule) {
        long from = Math.max(RunHeaderFormat.LENGTH, granule << GRANULE_SHIFT);
        long to = Math.min(dataEnd, (granule + 1) << GRANULE_SHIFT);
        int first = index.blockOfOffset(from);
        int last = index.blockOfOffset(to - 1);
        long start = index.blockStart(first);
        region.warm(start, index.blockEnd(last) - start);
        for (int block = first; block <= last; block++) {
            requireChecked(block);
        }
    }
}
