package io.cleave;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import java.util.Objects;

/**
 * How one index is kept: the format of its runs, and when its segments are split. The store remembers it for each index; the
 * options of a store are what a new index gets, see {@link StoreOptions#indexOptions}. Immutable.
 *
 * @param compression compression of new runs
 * @param filter what new runs carry for point lookups
 * @param blockBytes size of a block of a run before compression, 64 bytes to 32 KiB
 * @param segmentBytesMax size above which a segment is split, from 1 KiB on; above 1 GiB only with {@link
 *     io.cleave.core.storage.Mapper#CHRONICLE}
 * @param segmentEntriesMax number of entries above which a segment is split, all versions counted, at least 2
 */
public record IndexOptions(
        Compression compression, FilterKind filter, int blockBytes, long segmentBytesMax, long segmentEntriesMax) {
    static final int BLOCK_BYTES_LEAST = 64;
    static final int BLOCK_BYTES_MOST = 32 << 10;

    /** Checks the ranges. */
    public IndexOptions {
        Objects.requireNonNull(compression, "compression");
        Objects.requireNonNull(filter, "filter");
        require("blockBytes", blockBytes, BLOCK_BYTES_LEAST, BLOCK_BYTES_MOST);
        require(
                "segmentBytesMax",
                segmentBytesMax,
                StoredOptions.SEGMENT_BYTES_LEAST,
                StoredOptions.SEGMENT_BYTES_MOST);
        require(
                "segmentEntriesMax",
                segmentEntriesMax,
                StoredOptions.SEGMENT_ENTRIES_LEAST,
                StoredOptions.SEGMENT_ENTRIES_MOST);
    }

    /** What an index of a store with default options gets. */
    public static IndexOptions defaults() {
        return StoreOptions.defaults().indexOptions();
    }

    /**
     * The same with another compression. A filter and a block size that are the defaults of the compression before become those
     * of the new one.
     */
    public IndexOptions withCompression(Compression value) {
        FilterKind nextFilter = filter == compression.filterDefault() ? value.filterDefault() : filter;
        int nextBytes = blockBytes == compression.blockBytesDefault() ? value.blockBytesDefault() : blockBytes;
        return new IndexOptions(value, nextFilter, nextBytes, segmentBytesMax, segmentEntriesMax);
    }

    /** The same with another filter. */
    public IndexOptions withFilter(FilterKind value) {
        return new IndexOptions(compression, value, blockBytes, segmentBytesMax, segmentEntriesMax);
    }

    /** The same with another block size. */
    public IndexOptions withBlockBytes(int value) {
        return new IndexOptions(compression, filter, value, segmentBytesMax, segmentEntriesMax);
    }

    /** The same with another bound of a segment's size. */
    public IndexOptions withSegmentBytesMax(long value) {
        return new IndexOptions(compression, filter, blockBytes, value, segmentEntriesMax);
    }

    /** The same with another bound of a segment's entries. */
    public IndexOptions withSegmentEntriesMax(long value) {
        return new IndexOptions(compression, filter, blockBytes, segmentBytesMax, value);
    }

    /** What the catalog has, as users see it. */
    static IndexOptions of(StoredOptions stored) {
        RunOptions run = stored.run();
        return new IndexOptions(
                run.compression(),
                run.filter(),
                Math.min(BLOCK_BYTES_MOST, run.blockBytes()),
                stored.segmentBytesMax(),
                stored.segmentEntriesMax());
    }

    /** As the catalog has it. */
    StoredOptions stored() {
        return new StoredOptions(new RunOptions(compression, blockBytes, filter), segmentBytesMax, segmentEntriesMax);
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": expected " + least + " to " + most + ", found " + value);
        }
    }
}
