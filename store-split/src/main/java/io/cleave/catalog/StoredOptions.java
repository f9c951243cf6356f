package io.cleave.catalog;

import io.cleave.core.run.RunOptions;
import java.nio.ByteBuffer;

/**
 * How one index is kept, as the catalog has it: the format of its new runs, and when its segments are split. Immutable.
 *
 * @param run format of new runs
 * @param segmentBytesMax size above which a segment is split, {@value #SEGMENT_BYTES_LEAST} to {@value #SEGMENT_BYTES_MOST}
 * @param segmentEntriesMax entries above which a segment is split, {@value #SEGMENT_ENTRIES_LEAST} to {@value
 *     #SEGMENT_ENTRIES_MOST}
 * @param later fields that a later version has added, read-only and empty for this one; they are kept as they are
 */
public record StoredOptions(RunOptions run, long segmentBytesMax, long segmentEntriesMax, ByteBuffer later) {
    /** Smallest bound of a segment's size. */
    public static final long SEGMENT_BYTES_LEAST = 1L << 10;

    /** Largest bound of a segment's size. */
    public static final long SEGMENT_BYTES_MOST = 1L << 40;

    /** Smallest bound of a segment's entries. */
    public static final long SEGMENT_ENTRIES_LEAST = 2;

    /** Largest bound of a segment's entries: no bound. */
    public static final long SEGMENT_ENTRIES_MOST = Long.MAX_VALUE / 8;

    private static final long SEGMENT_BYTES_DEFAULT = 64L << 20;

    /** Checks the ranges. */
    public StoredOptions {
        require("segmentBytesMax", segmentBytesMax, SEGMENT_BYTES_LEAST, SEGMENT_BYTES_MOST);
        require("segmentEntriesMax", segmentEntriesMax, SEGMENT_ENTRIES_LEAST, SEGMENT_ENTRIES_MOST);
        later = later.slice().asReadOnlyBuffer();
    }

    /** Nothing but what this version knows. */
    public StoredOptions(RunOptions run, long segmentBytesMax, long segmentEntriesMax) {
        this(run, segmentBytesMax, segmentEntriesMax, ByteBuffer.allocate(0));
    }

    /** Runs of a format, segments of 64 MiB. */
    public static StoredOptions of(RunOptions run) {
        return new StoredOptions(run, SEGMENT_BYTES_DEFAULT, SEGMENT_ENTRIES_MOST);
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": expected " + least + " to " + most + ", found " + value);
        }
    }
}
