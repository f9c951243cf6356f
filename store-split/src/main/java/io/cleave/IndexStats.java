package io.cleave;

import java.util.List;

/**
 * What one index consists of. Immutable; segments that are not loaded are counted but not described.
 *
 * @param name the index
 * @param segments its segments in key order
 */
public record IndexStats(String name, List<SegmentStats> segments) {
    /**
     * One segment.
     *
     * @param id its id
     * @param lower first 16 bytes of its smallest possible key, empty when there is no bound
     * @param loaded whether it is open; the following are 0 when it is not
     * @param entries entries in runs and memtables, all versions and tombstones counted
     * @param runs number of runs
     * @param runBytes bytes of its run files
     * @param memtableBytes bytes of its memtables
     * @param tombstones tombstones in its runs
     */
    public record SegmentStats(
            long id,
            byte[] lower,
            boolean loaded,
            long entries,
            int runs,
            long runBytes,
            long memtableBytes,
            long tombstones) {}

    /** Keeps its own copy of the list. */
    public IndexStats {
        segments = List.copyOf(segments);
    }

    /** Entries in all loaded segments, all versions and tombstones counted. */
    public long entries() {
        return segments.stream().mapToLong(SegmentStats::entries).sum();
    }

    /** Bytes of all run files of loaded segments. */
    public long runBytes() {
        return segments.stream().mapToLong(SegmentStats::runBytes).sum();
    }
}
