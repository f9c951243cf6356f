package io.cleave.core.run;

import io.cleave.core.entry.Lookup;

/**
 * The data blocks of a mapped run: one kind reads entries where they are mapped, the other decompresses. A block is
 * checked when it is first used, checksum and structure, then trusted.
 *
 * <p>Thread-safe: the marks of checked blocks are plain bytes, and a race costs a second check.
 */
abstract sealed class RunBlocks permits PlainBlocks, PackedBlocks {
    final RunFile file;
    final SparseIndex index;

    RunBlocks(RunFile file, SparseIndex index) {
        this.file = file;
        this.index = index;
    }

    /**
     * Finds the newest version of a key, not above a sequence number, from the block on that holds the key's newest.
     */
    abstract boolean find(int ordinal, byte[] key, int keyLength, long sequenceMax, Lookup out);

    /** Checks a block now, whether or not it was checked before. */
    abstract void check(int ordinal);

    /** A new cursor over all blocks, unpositioned. */
    abstract RunCursor cursor();

    /** An entry of a checked block, for display. */
    abstract BlockEntry entry(int ordinal, int number);

    final void require(boolean right, long offset, String what) {
        if (!right) {
            throw file.corrupt(offset, what, "a valid one", "another");
        }
    }
}
