package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import io.cleave.core.storage.Region;
import java.util.Arrays;

/**
 * A cursor over {@link PlainBlocks}: an entry is a few loads from the mapping, key and value are copied only when asked
 * for. Holds nothing; {@link #close} unpositions. Belongs to one thread at a time.
 */
final class PlainCursor extends RunCursor {
    private static final long NOWHERE = -1;

    /** So many blocks behind a seek are taken for themselves; whoever reads more of them reads on, and so may the kernel. */
    private static final int BLOCKS_ALONE = 4;

    private final PlainBlocks blocks;
    private final SparseIndex index;
    private final Region region;
    private final boolean onePerKey;

    /** All keys of the run start with {@link #prefix}. */
    private boolean prefixShared = true;

    /** Length of the prefix. */
    private int skipped;

    /** Where {@link #land} looks. */
    private int aimedBlock;
    /** Word of what it looks for, behind the prefix that the run's keys share. */
    private long aimedWord;

    /** Blocks to go until reading counts as a scan. */
    private int blocksAlone;

    private int ordinal;
    /** Number of the entry in its block. */
    private int entry;
    /** Start of the block. */
    private long blockStart;
    /** End of the entries of the block, where its restarts begin. */
    private long entriesEnd;
    /** Offset of the entry; {@link #NOWHERE} when unpositioned. */
    private long at = NOWHERE;
    /** Offset of the entry's key. */
    private long keyAt;
    /** Offset after the entry. */
    private long end;

    private byte[] key = new byte[32];
    /** The entry whose key was copied. */
    private long keyCopiedAt = NOWHERE;

    PlainCursor(PlainBlocks blocks, SparseIndex index, Region region) {
        this.blocks = blocks;
        this.index = index;
        this.region = region;
        this.onePerKey = index.isOnePerKey();
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
    public void aim(byte[] target, int targetLength) {
        at = NOWHERE;
        blocksAlone = BLOCKS_ALONE;
        aimedWord = index.word(target, targetLength, KeyOrder.prefix(target, targetLength));
        aimedBlock = index.blockOfKey(target, targetLength, aimedWord);
    }

    @Override
    public long touch() {
        if (aimedBlock == index.blocks()) {
            return 0;
        }
        blocks.requireTouched(aimedBlock);
        long start = index.blockStart(aimedBlock);
        long length = index.blockEnd(aimedBlock) - start;
        long guess = (long) (index.guess(aimedBlock, aimedWord) * length);
        return (long) region.getByte(start + length - BlockFormat.TRAILER_BYTES) + region.getByte(start + guess);
    }

    @Override
    public boolean land(byte[] target, int targetLength) {
        int block = aimedBlock;
        if (block == index.blocks()) {
            return false;
        }
        require(block);
        int found = blocks.lowerBound(block, target, targetLength, aimedWord);
        return found < blocks.entries(block) ? moveTo(block, found) : moveTo(block + 1, 0);
    }

    @Override
    public boolean next() {
        if (at == NOWHERE) {
            return false;
        }
        if (end == entriesEnd) {
            return moveTo(ordinal + 1, 0);
        }
        entry++;
        decode(end);
        return true;
    }

    @Override
    public boolean previous() {
        if (at == NOWHERE) {
            return false;
        }
        if (entry > 0) {
            entry--;
            decode(blockStart + region.getUnsignedShort(entriesEnd + 2L * entry));
            return true;
        }
        at = NOWHERE;
        if (ordinal == 0) {
            return false;
        }
        require(ordinal - 1);
        return moveTo(ordinal - 1, blocks.entries(ordinal - 1) - 1);
    }

    @Override
    public byte[] key() {
        if (keyCopiedAt != at) {
            if (key.length < keyLength()) {
                key = new byte[Math.max(keyLength(), 2 * key.length)];
            }
            region.copyShort(keyAt, key, keyLength());
            keyCopiedAt = at;
        }
        return key;
    }

    @Override
    public void copyKey(byte[] target) {
        region.copyShort(keyAt, target, keyLength());
    }

    @Override
    public void copyValue(int from, byte[] target, int targetAt, int length) {
        region.copyTo(keyAt + keyLength() + from, target, targetAt, length);
    }

    @Override
    public boolean leavesKey() {
        return onePerKey;
    }

    @Override
    public byte[] sharedPrefix() {
        return index.sharedPrefix();
    }

    @Override
    protected void reorder() {
        at = NOWHERE;
        byte[] shared = index.sharedPrefix();
        int length = prefix().length;
        skipped = length;
        prefixShared = length <= shared.length && Arrays.equals(prefix(), 0, length, shared, 0, length);
    }

    @Override
    public void close() {
        at = NOWHERE;
    }

    @Override
    int ordinal() {
        return ordinal;
    }

    @Override
    long offset() {
        return at;
    }

    @Override
    boolean isLastInBlock() {
        return end == entriesEnd;
    }

    private boolean moveTo(int block, int number) {
        at = NOWHERE;
        if (block == index.blocks()) {
            return false;
        }
        require(block);
        ordinal = block;
        entry = number;
        entriesEnd = index.blockEnd(block) - BlockFormat.TRAILER_BYTES - 2L * blocks.entries(block);
        blockStart = index.blockStart(block);
        decode(number == 0 ? blockStart : blockStart + region.getUnsignedShort(entriesEnd + 2L * number));
        return true;
    }

    private void require(int block) {
        if (blocksAlone > 0) {
            blocksAlone--;
            blocks.requireTouched(block);
        } else {
            blocks.requireChecked(block);
        }
    }

    private void decode(long offset) {
        long head = region.getLong(offset);
        long keyStart = offset + EntryFormat.headBytes(head);
        int keyBytes = EntryFormat.firstLength(head);
        int valueBytes = EntryFormat.valueLength(head);
        at = offset;
        keyAt = keyStart;
        end = keyStart + keyBytes + valueBytes;
        standAt(blocks.sequence(offset, head), EntryFormat.kind(head));
        stand(prefixShared ? wordBehind(keyStart, keyBytes) : wordBeside(keyStart, keyBytes), keyBytes, valueBytes);
    }

    private long wordBehind(long keyStart, int keyBytes) {
        // What follows a short key is masked away; more than 8 bytes of the file follow the last one.
        return OrderWord.masked(Long.reverseBytes(region.getLong(keyStart + skipped)), keyBytes - skipped);
    }

    /** The word of a key that need not start with the prefix. */
    private long wordBeside(long keyStart, int keyBytes) {
        if (key.length < keyBytes) {
            key = new byte[Math.max(keyBytes, 2 * key.length)];
        }
        region.copyShort(keyStart, key, keyBytes);
        keyCopiedAt = at;
        return OrderWord.of(key, keyBytes, prefix());
    }
}
