package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.storage.Region;

/**
 * A cursor over {@link PlainBlocks}: an entry is a few loads from the mapping, its key is copied only when asked for.
 * Holds nothing; {@link #close} does nothing. Belongs to one thread at a time.
 */
final class PlainCursor implements RunCursor {
    private static final long NOWHERE = -1;

    private final PlainBlocks blocks;
    private final SparseIndex index;
    private final Region region;

    private int ordinal;
    /** Number of the entry in its block. */
    private int entry;
    /** End of the entries of the block. */
    private long entriesEnd;
    /** Offset of the entry; {@link #NOWHERE} when unpositioned. */
    private long at = NOWHERE;
    /** The first 8 bytes of the entry. */
    private long word;

    private long keyAt;
    private int keyLength;
    private int valueLength;
    private byte[] key = new byte[32];
    /** The entry whose key was copied. */
    private long keyCopiedAt = NOWHERE;

    PlainCursor(PlainBlocks blocks, SparseIndex index, Region region) {
        this.blocks = blocks;
        this.index = index;
        this.region = region;
    }

    @Override
    public boolean first() {
        return moveTo(0, 0);
    }

    @Override
    public boolean last() {
        int block = index.blocks() - 1;
        at = NOWHERE;
        blocks.requireChecked(block);
        return moveTo(block, blocks.entries(block) - 1);
    }

    @Override
    public boolean seek(byte[] target, int targetLength) {
        at = NOWHERE;
        int block = index.blockOfKey(target, targetLength, KeyOrder.prefix(target, targetLength));
        if (block == index.blocks()) {
            return false;
        }
        blocks.requireChecked(block);
        int found = blocks.lowerBound(block, target, targetLength);
        return found < blocks.entries(block) ? moveTo(block, found) : moveTo(block + 1, 0);
    }

    @Override
    public boolean next() {
        if (at == NOWHERE) {
            return false;
        }
        long following = keyAt + keyLength + valueLength;
        if (following == entriesEnd) {
            return moveTo(ordinal + 1, 0);
        }
        entry++;
        decode(following);
        return true;
    }

    @Override
    public boolean previous() {
        if (at == NOWHERE) {
            return false;
        }
        if (entry > 0) {
            entry--;
            decode(blocks.entryAt(ordinal, entry));
            return true;
        }
        at = NOWHERE;
        if (ordinal == 0) {
            return false;
        }
        blocks.requireChecked(ordinal - 1);
        return moveTo(ordinal - 1, blocks.entries(ordinal - 1) - 1);
    }

    @Override
    public int keyLength() {
        return keyLength;
    }

    @Override
    public long keyPrefix() {
        // The bytes behind a short key are masked away; behind any entry more than 8 bytes of the file follow.
        long prefix = Long.reverseBytes(region.getLong(keyAt));
        return keyLength >= Long.BYTES ? prefix : prefix & (-1L << (Long.SIZE - Byte.SIZE * keyLength));
    }

    @Override
    public byte[] key() {
        if (keyCopiedAt != at) {
            if (key.length < keyLength) {
                key = new byte[Math.max(keyLength, 2 * key.length)];
            }
            region.copyTo(keyAt, key, 0, keyLength);
            keyCopiedAt = at;
        }
        return key;
    }

    @Override
    public long sequence() {
        return blocks.sequence(at, word);
    }

    @Override
    public byte kind() {
        return EntryFormat.kind(word);
    }

    @Override
    public int valueLength() {
        return valueLength;
    }

    @Override
    public void copyValue(int from, byte[] target, int targetAt, int length) {
        region.copyTo(keyAt + keyLength + from, target, targetAt, length);
    }

    @Override
    public void close() {
        at = NOWHERE;
    }

    @Override
    public int ordinal() {
        return ordinal;
    }

    @Override
    public long offset() {
        return at;
    }

    @Override
    public boolean isLastInBlock() {
        return keyAt + keyLength + valueLength == entriesEnd;
    }

    private boolean moveTo(int block, int number) {
        at = NOWHERE;
        if (block == index.blocks()) {
            return false;
        }
        blocks.requireChecked(block);
        ordinal = block;
        entry = number;
        entriesEnd = index.blockEnd(block) - BlockFormat.TRAILER_BYTES - 2L * blocks.entries(block);
        decode(blocks.entryAt(block, number));
        return true;
    }

    private void decode(long offset) {
        at = offset;
        word = region.getLong(offset);
        keyAt = offset + EntryFormat.headBytes(word);
        keyLength = EntryFormat.firstLength(word);
        valueLength = EntryFormat.valueLength(word);
    }
}
