package io.cleave.core.run;

/**
 * The sparse index: for n blocks n prefixes of separators, n block offsets, n ends of separators, the separators'
 * bytes, a checksum. Authority: docs/format/run.md, "Sparse index". Stateless, thread-safe.
 */
final class IndexFormat {
    static final int PREFIX_BYTES = Long.BYTES;
    static final int OFFSET_BYTES = Long.BYTES;
    static final int END_BYTES = Integer.BYTES;

    /** Bytes that each block takes, its separator apart. */
    static final int BLOCK_BYTES = PREFIX_BYTES + OFFSET_BYTES + END_BYTES;

    static final int CRC_BYTES = Integer.BYTES;

    private IndexFormat() {}

    /** Start of the block offsets in the index. */
    static long offsetsAt(int blocks) {
        return (long) PREFIX_BYTES * blocks;
    }

    /** Start of the ends of separators in the index. */
    static long endsAt(int blocks) {
        return (long) (PREFIX_BYTES + OFFSET_BYTES) * blocks;
    }

    /** Start of the separators' bytes in the index. */
    static long separatorsAt(int blocks) {
        return (long) BLOCK_BYTES * blocks;
    }
}
