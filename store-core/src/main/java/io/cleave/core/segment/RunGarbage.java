package io.cleave.core.segment;

import io.cleave.core.run.RunProperties;
import java.util.List;

/**
 * What of a segment's runs a merge of all of them would leave out, as the counts in their properties tell it: tombstones, the
 * entries that tombstones hide, and older versions of keys. An estimate: a tombstone is taken to hide one entry of average size, if
 * so many are left beneath it; which keys they are of is not looked at. Immutable.
 *
 * @param bytes of all runs
 * @param deadBytes of what would be left out
 * @param liveEntries entries that nothing hides, at most those of the runs
 * @param putBytes what an entry with a value takes on average
 */
public record RunGarbage(long bytes, double deadBytes, long liveEntries, double putBytes) {
    /** What each entry takes beside key and value: its share of block, index and filter. */
    private static final int ENTRY_OVERHEAD_BYTES = 16;

    /**
     * Estimates.
     *
     * @param newestFirst the runs' properties
     * @param oldestSnapshot what lies above it is kept for somebody: it is not counted as dead
     */
    public static RunGarbage of(List<RunProperties> newestFirst, long oldestSnapshot) {
        long bytes = 0;
        long live = 0;
        long puts = 0;
        double putBytes = 0;
        long deadPuts = 0;
        double deadBytes = 0;
        for (int i = newestFirst.size() - 1; i >= 0; i--) {
            RunProperties run = newestFirst.get(i);
            double tombstoneBytes = tombstoneBytes(run);
            long older = run.entries() - run.distinctKeys();
            long hidden = Math.min(live, Math.max(0, run.tombstones() - older));
            live += Math.max(0, run.distinctKeys() - run.tombstones()) - hidden;
            bytes += run.fileBytes();
            puts += run.entries() - run.tombstones();
            putBytes += run.fileBytes() - tombstoneBytes;
            if (run.largestSequence() <= oldestSnapshot) {
                deadPuts += Math.min(older, run.entries() - run.tombstones()) + hidden;
                deadBytes += tombstoneBytes;
            }
        }
        double average = puts == 0 ? 0 : putBytes / puts;
        return new RunGarbage(bytes, deadBytes + deadPuts * average, live, average);
    }

    /** The same once so many more tombstones have come in a run of their own. */
    public RunGarbage withTombstones(long tombstones) {
        long hidden = Math.min(tombstones, liveEntries);
        return new RunGarbage(bytes, deadBytes + hidden * putBytes, liveEntries - hidden, putBytes);
    }

    /**
     * True when all runs should be merged for it: with the garbage they are larger than what stays by {@code share}. What is
     * rewritten then is at most a {@code share}th part of what goes.
     */
    boolean isDue(double share) {
        return deadBytes * (1 + share) >= share * bytes && deadBytes > 0;
    }

    /** The part of a run's file that its tombstones take. */
    private static double tombstoneBytes(RunProperties run) {
        double keyBytes = ENTRY_OVERHEAD_BYTES + (double) run.keyBytes() / run.entries();
        double all = run.entries() * keyBytes + run.valueBytes();
        return run.fileBytes() * (run.tombstones() * keyBytes / all);
    }
}
