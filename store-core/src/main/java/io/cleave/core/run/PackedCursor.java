package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;

/**
 * A cursor over {@link PackedBlocks} with a decompressed block of its own. {@link #close} gives the block to the
 * collector. Belongs to one thread at a time.
 */
final class PackedCursor implements RunCursor {
    private final PackedBlocks blocks;
    private final SparseIndex index;

    private PackedBlock block = new PackedBlock();
    private int ordinal;
    private boolean positioned;

    PackedCursor(PackedBlocks blocks, SparseIndex index) {
        this.blocks = blocks;
        this.index = index;
    }

    @Override
    public boolean first() {
        load(0);
        block.moveTo(0);
        positioned = true;
        return true;
    }

    @Override
    public boolean last() {
        load(index.blocks() - 1);
        block.moveTo(block.entries() - 1);
        positioned = true;
        return true;
    }

    @Override
    public boolean seek(byte[] target, int targetLength) {
        positioned = false;
        int found = index.blockOfKey(target, targetLength, KeyOrder.prefix(target, targetLength));
        if (found == index.blocks()) {
            return false;
        }
        load(found);
        positioned = block.seek(target, targetLength);
        return positioned || moveToNextBlock();
    }

    @Override
    public boolean next() {
        return positioned && (block.next() || moveToNextBlock());
    }

    @Override
    public boolean previous() {
        if (!positioned) {
            return false;
        }
        if (block.entry() > 0) {
            block.moveTo(block.entry() - 1);
            return true;
        }
        positioned = false;
        if (ordinal == 0) {
            return false;
        }
        load(ordinal - 1);
        block.moveTo(block.entries() - 1);
        positioned = true;
        return true;
    }

    @Override
    public int keyLength() {
        return block.keyLength();
    }

    @Override
    public long keyPrefix() {
        return KeyOrder.prefix(block.key(), block.keyLength());
    }

    @Override
    public byte[] key() {
        return block.key();
    }

    @Override
    public long sequence() {
        return block.sequence();
    }

    @Override
    public byte kind() {
        return block.kind();
    }

    @Override
    public int valueLength() {
        return block.valueLength();
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
    public int ordinal() {
        return ordinal;
    }

    @Override
    public long offset() {
        return index.blockStart(ordinal);
    }

    @Override
    public boolean isLastInBlock() {
        return block.entry() + 1 == block.entries();
    }

    private boolean moveToNextBlock() {
        positioned = false;
        if (ordinal + 1 == index.blocks()) {
            return false;
        }
        load(ordinal + 1);
        block.moveTo(0);
        positioned = true;
        return true;
    }

    private void load(int blockOrdinal) {
        positioned = false;
        blocks.load(blockOrdinal, block);
        ordinal = blockOrdinal;
    }
}
