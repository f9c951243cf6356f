package io.cleave.core.run;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryKind;
import java.util.Arrays;

/**
 * Checks every rule of docs/format/run.md over a whole open run, whether or not parts were checked before: checksums,
 * structure and order of blocks, separators, filter, properties. Memory: two keys and a block.
 *
 * <p>Belongs to one thread; used once. Other threads may read the run meanwhile.
 */
final class RunVerifier {
    private final RunFile file;
    private final SparseIndex index;
    private final RunBlocks blocks;
    private final FilterPages filter;
    private final FilterKind filterKind;
    private final RunProperties properties;

    private byte[] lastKey = {};
    private byte[] firstKey;
    private int lastBlock;
    private long lastSequence;
    private long entries;
    private long distinctKeys;
    private long tombstones;
    private long keyBytes;
    private long valueBytes;
    private long smallestSequence = Long.MAX_VALUE;
    private long largestSequence;

    /** @param filter null when the run has none */
    RunVerifier(RunFile file, SparseIndex index, RunBlocks blocks, FilterPages filter) {
        this.file = file;
        this.index = index;
        this.blocks = blocks;
        this.filter = filter;
        this.filterKind = file.header().options().filter();
        this.properties = file.properties();
    }

    void verify(RunVisitor visitor) {
        index.check();
        checkPadding();
        if (filter != null) {
            for (int page = 0; page < filter.pages(); page++) {
                filter.checkPage(page);
            }
        }
        checkBlock(0, visitor);
        RunCursor cursor = blocks.cursor();
        boolean onEntry = cursor.first();
        while (onEntry) {
            accept(cursor);
            if (cursor.isLastInBlock() && cursor.ordinal() + 1 < index.blocks()) {
                checkBlock(cursor.ordinal() + 1, visitor);
            }
            onEntry = cursor.next();
        }
        checkSeparator(index.blocks() - 1, null);
        checkProperties();
        if (filterKind == FilterKind.POINT_INDEX) {
            check(file.footer().filterOffset(), "slots taken in the point index", distinctKeys, filter.slotsTaken());
        }
    }

    private void checkBlock(int ordinal, RunVisitor visitor) {
        blocks.check(ordinal);
        long start = index.blockStart(ordinal);
        visitor.blockChecked(ordinal, start, index.blockEnd(ordinal) - start);
    }

    private void checkPadding() {
        RunFooter footer = file.footer();
        for (long at = footer.indexOffset() + footer.indexLength(); at < footer.filterOffset(); at++) {
            check(at, "padding", 0, file.region().getByte(at));
        }
    }

    private void accept(RunCursor cursor) {
        byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
        long sequence = cursor.sequence();
        int order = entries == 0 ? -1 : KeyOrder.compare(lastKey, key);
        if (order > 0 || (order == 0 && lastSequence <= sequence)) {
            throw file.corrupt(cursor.offset(), "order of entries", "ascending", "another");
        }
        if (cursor.ordinal() != lastBlock) {
            checkSeparator(lastBlock, key);
            lastBlock = cursor.ordinal();
        }
        if (order != 0) {
            distinctKeys++;
            checkFilter(cursor, key);
        }
        if (entries == 0) {
            firstKey = key;
        }
        entries++;
        tombstones += cursor.kind() == EntryKind.TOMBSTONE ? 1 : 0;
        keyBytes += key.length;
        valueBytes += cursor.valueLength();
        smallestSequence = Math.min(smallestSequence, sequence);
        largestSequence = Math.max(largestSequence, sequence);
        lastKey = key;
        lastSequence = sequence;
    }

    /**
     * A block's separator is not below its last key, which is the last one seen, and below the next block's first key,
     * unless the versions of one key go on from block to block.
     *
     * @param nextKey null after the last block
     */
    private void checkSeparator(int ordinal, byte[] nextKey) {
        byte[] separator = index.separator(ordinal);
        long offset = index.separatorOffset(ordinal);
        check(offset, "prefix of separator", KeyOrder.prefix(separator, separator.length), index.prefix(ordinal));
        boolean below = KeyOrder.compare(separator, lastKey) < 0;
        boolean goesOn = nextKey != null && Arrays.equals(separator, nextKey) && Arrays.equals(lastKey, nextKey);
        boolean above = nextKey != null && KeyOrder.compare(separator, nextKey) >= 0 && !goesOn;
        if (below || above) {
            throw file.corrupt(offset, "separator of block " + ordinal, "between its neighbours", "another");
        }
    }

    private void checkFilter(RunCursor cursor, byte[] key) {
        if (filter == null) {
            return;
        }
        long hash = KeyHash.of(key, key.length);
        boolean offsets = file.footer().positions() == RunFooter.PositionKind.ENTRY_OFFSET;
        boolean found = filterKind == FilterKind.BLOOM
                ? filter.mayContain(hash)
                : filter.leadsTo(hash, offsets ? cursor.offset() : cursor.ordinal());
        if (!found) {
            throw file.corrupt(
                    file.footer().filterOffset(), "key of entry " + entries + " in the filter", "there", "absent");
        }
    }

    private void checkProperties() {
        long offset = file.footer().propertiesOffset();
        check(offset + RunPropertiesFormat.ENTRIES_OFFSET, "entries", properties.entries(), entries);
        check(
                offset + RunPropertiesFormat.DISTINCT_KEYS_OFFSET,
                "distinct keys",
                properties.distinctKeys(),
                distinctKeys);
        check(offset + RunPropertiesFormat.TOMBSTONES_OFFSET, "tombstones", properties.tombstones(), tombstones);
        check(offset + RunPropertiesFormat.KEY_BYTES_OFFSET, "key bytes", properties.keyBytes(), keyBytes);
        check(offset + RunPropertiesFormat.VALUE_BYTES_OFFSET, "value bytes", properties.valueBytes(), valueBytes);
        check(
                offset + RunPropertiesFormat.SMALLEST_SEQUENCE_OFFSET,
                "smallest sequence",
                properties.smallestSequence(),
                smallestSequence);
        check(
                offset + RunPropertiesFormat.LARGEST_SEQUENCE_OFFSET,
                "largest sequence",
                properties.largestSequence(),
                largestSequence);
        boolean sameKeys =
                Arrays.equals(properties.smallestKey(), firstKey) && Arrays.equals(properties.largestKey(), lastKey);
        if (!sameKeys) {
            throw file.corrupt(
                    offset + RunPropertiesFormat.KEYS_OFFSET, "smallest and largest key", "those found", "others");
        }
    }

    private void check(long offset, String what, long expected, long found) {
        if (expected != found) {
            throw file.corrupt(offset, what, expected, found);
        }
    }
}
