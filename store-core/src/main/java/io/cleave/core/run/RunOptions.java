package io.cleave.core.run;

import java.util.Objects;

/**
 * How a run is to be written.
 *
 * @param compression how blocks are stored
 * @param blockBytes a block is closed once its entries take this many bytes, {@value #BLOCK_BYTES_MIN} to {@value
 *     #BLOCK_BYTES_MAX}
 * @param filter what answers point lookups
 */
public record RunOptions(Compression compression, int blockBytes, FilterKind filter) {
    /** Smallest block target. */
    public static final int BLOCK_BYTES_MIN = 64;

    /** Largest block target: an entry starts within the first 64 KiB of its block. */
    public static final int BLOCK_BYTES_MAX = 65_536;

    private static final RunOptions DEFAULTS = of(Compression.NONE, FilterKind.POINT_INDEX);

    /** Checks the range of {@code blockBytes}. */
    public RunOptions {
        Objects.requireNonNull(compression, "compression");
        Objects.requireNonNull(filter, "filter");
        if (blockBytes < BLOCK_BYTES_MIN || blockBytes > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "blockBytes: expected " + BLOCK_BYTES_MIN + " to " + BLOCK_BYTES_MAX + ", found " + blockBytes);
        }
    }

    /** No compression, 4 KiB blocks, a point index. */
    public static RunOptions defaults() {
        return DEFAULTS;
    }

    /** The block size that suits the compression. */
    public static RunOptions of(Compression compression, FilterKind filter) {
        return new RunOptions(compression, compression.blockBytesDefault(), filter);
    }
}
