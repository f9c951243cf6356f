package io.cleave;

import java.util.List;

/**
 * What one index consists of. Immutable. Entries count what is stored: every version of a key, and tombstones, which say that a key
 * was deleted; {@link #liveEntries} is what is left of them.
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
     * @param loaded whether it is open. When it is not, what is told was read from its files, and all but id and lower are 0 when
     *     they can't be read
     * @param entries entries in runs and memtables, all versions and tombstones counted
     * @param runs number of runs
     * @param runBytes bytes of its run files
     * @param memtableBytes bytes of its memtables
     * @param tombstones tombstones in runs and memtables
     * @param liveEntries entries that a scan would show, by the counts alone: exact after {@link SegmentIndex#compact}, and as long
     *     as since then each key was put once and only keys that were there were deleted. Overwrites count twice
     */
    public record SegmentStats(
            long id,
            byte[] lower,
            boolean loaded,
            long entries,
            int runs,
            long runBytes,
            long memtableBytes,
            long tombstones,
            long liveEntries) {
        /** In one line, for a log, which no key may come into: of the bound its length. */
        @Override
        public String toString() {
            return "SegmentStats[id=" + id + ", lower=" + lower.length + " bytes, loaded=" + loaded + ", entries="
                    + entries
                    + ", runs=" + runs + ", runBytes=" + runBytes + ", memtableBytes=" + memtableBytes + ", tombstones="
                    + tombstones + ", liveEntries=" + liveEntries + "]";
        }
    }

    /** Keeps its own copy of the list. */
    public IndexStats {
        segments = List.copyOf(segments);
    }

    /** Entries in all segments, all versions and tombstones counted. */
    public long entries() {
        return segments.stream().mapToLong(SegmentStats::entries).sum();
    }

    /** Tombstones in all segments. */
    public long tombstones() {
        return segments.stream().mapToLong(SegmentStats::tombstones).sum();
    }

    /** Entries that a scan would show, by the counts alone; see {@link SegmentStats}. */
    public long liveEntries() {
        return segments.stream().mapToLong(SegmentStats::liveEntries).sum();
    }

    /** Bytes of all run files. */
    public long runBytes() {
        return segments.stream().mapToLong(SegmentStats::runBytes).sum();
    }
}
