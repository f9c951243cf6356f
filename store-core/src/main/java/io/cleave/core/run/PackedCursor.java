package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import java.util.Arrays;

/**
 * A cursor over {@link PackedBlocks} with a decompressed block of its own. {@link #close} gives the block to the
 * collector. Belongs to one thread at a time.
 */
final class PackedCursor extends RunCursor {
    private final PackedBlocks blocks;
    private final SparseIndex index;

    private final boolean onePerKey;

    /** All keys of the run start with {@link #prefix}. */
    private boolean prefixShared = true;

    private PackedBlock block = new PackedBlock();
    private int ordinal;
    private boolean positioned;

    PackedCursor(PackedBlocks blocks, SparseIndex index) {
        this.blocks = blocks;
        this.index = index;
        this.onePerKey = index.isOnePerKey();
    }

    @Override
    public boolean first() {
        load(0);
        block.moveTo(0);
        return show();
    }

    @Override
    public boolean last() {
        load(index.blocks() - 1);
        block.moveTo(block.entries() - 1);
        return show();
    }

    @Override
    public boolean land(byte[] target, int targetLength) {
        positioned = false;
        int found = index.blockOfKey(
                target, targetLength, index.word(target, targetLength, KeyOrder.prefix(target, targetLength)));
        if (found == index.blocks()) {
            return false;
        }
        load(found);
        return block.seek(target, targetLength) ? show() : moveToNextBlock();
    }

    @Override
    public boolean next() {
        return positioned && (block.next() ? show() : moveToNextBlock());
    }

    @Override
    public boolean previous() {
        if (!positioned) {
            return false;
        }
        if (block.entry() > 0) {
            block.moveTo(block.entry() - 1);
            return show();
        }
        positioned = false;
        if (ordinal == 0) {
            return false;
        }
        load(ordinal - 1);
        block.moveTo(block.entries() - 1);
        return show();
    }

    @Override
    public byte[] key() {
        return block.key();
    }

    @Override
    public void copyKey(byte[] target) {
        System.arraycopy(block.key(), 0, target, 0, keyLength());
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
        positioned = false;
        byte[] shared = index.sharedPrefix();
        int length = prefix().length;
        prefixShared = length <= shared.length && Arrays.equals(prefix(), 0, length, shared, 0, length);
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        System.arraycopy(block.bytes(), block.valueAt() + from, target, at, length);
    }

    @Override
    public void close() {
        positioned = false;
        block = new PackedBlock();
    }

    @Override
    int ordinal() {
        return ordinal;
    }

    @Override
    long offset() {
        return index.blockStart(ordinal);
    }

    @Override
    boolean isLastInBlock() {
        return block.entry() + 1 == block.entries();
    }

    private boolean moveToNextBlock() {
        positioned = false;
        if (ordinal + 1 == index.blocks()) {
            return false;
        }
        load(ordinal + 1);
        block.moveTo(0);
        return show();
    }

    private boolean show() {
        positioned = true;
        byte[] key = block.key();
        int keyLength = block.keyLength();
        long word = prefixShared
                ? OrderWord.behind(key, keyLength, prefix().length)
                : OrderWord.of(key, keyLength, prefix());
        stand(word, keyLength, block.valueLength());
        standAt(block.sequence(), block.kind());
        return true;
    }

    private void load(int blockOrdinal) {
        positioned = false;
        blocks.load(blockOrdinal, block);
        ordinal = blockOrdinal;
    }
}
