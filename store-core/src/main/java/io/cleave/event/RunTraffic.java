package io.cleave.event;

/**
 * What a flush, a compaction or a rewrite of segments read and wrote. Immutable.
 *
 * @param bytesIn bytes of the memtables and run files that were read
 * @param entriesIn entries in them, all versions and tombstones counted
 * @param bytesOut bytes of the run files that were written
 * @param entriesOut entries in those
 */
public record RunTraffic(long bytesIn, long entriesIn, long bytesOut, long entriesOut) {
    /** Nothing was to do. */
    public static final RunTraffic NONE = new RunTraffic(0, 0, 0, 0);
}
