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

    /** By hand: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof RunTraffic that
                && bytesIn == that.bytesIn
                && entriesIn == that.entriesIn
                && bytesOut == that.bytesOut
                && entriesOut == that.entriesOut;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(31 * (31 * (31 * bytesIn + entriesIn) + bytesOut) + entriesOut);
    }
}
