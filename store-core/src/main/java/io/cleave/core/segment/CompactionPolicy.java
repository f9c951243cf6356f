package io.cleave.core.segment;

import java.util.List;

/**
 * Which runs of a segment to merge next. Lazy: the main run is rewritten only when the deltas have reached a share of its
 * size; before that, deltas of like size are merged with each other. Stateless.
 */
final class CompactionPolicy {
    /** Nothing to do. */
    static final int NONE = 0;

    private CompactionPolicy() {}

    /**
     * Says how many of the newest runs to merge.
     *
     * @param runBytes sizes, newest first; the last is the main run
     * @return {@link #NONE}, or 2 to all of them
     */
    static int runsToMerge(List<Long> runBytes, SegmentOptions options) {
        int deltas = runBytes.size() - 1;
        if (deltas < 1) {
            return NONE;
        }
        long deltaBytes = 0;
        for (int i = 0; i < deltas; i++) {
            deltaBytes += runBytes.get(i);
        }
        if (deltaBytes >= options.mainShare() * runBytes.get(deltas)) {
            return runBytes.size();
        }
        if (deltas < options.deltasMax()) {
            return NONE;
        }
        int count = 1;
        long merged = runBytes.get(0);
        while (count < deltas && (count < 2 || runBytes.get(count) <= 2 * merged)) {
            merged += runBytes.get(count);
            count++;
        }
        return count >= 2 ? count : runBytes.size();
    }
}
