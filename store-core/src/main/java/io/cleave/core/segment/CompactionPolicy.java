package io.cleave.core.segment;

import java.util.ArrayList;
import java.util.List;

/**
 * Which runs of a segment to merge next. Lazy: the main run is rewritten only when the deltas have reached a share of its
 * size, or what tombstones hide has reached that share of what stays; before that, deltas of like size are merged with each
 * other. The view of a segment that is not open is null, and asks for nothing. Stateless. Source: ADR 0030.
 */
final class CompactionPolicy {
    /** Nothing to do. */
    static final int NONE = 0;

    /** Dead bytes for each that stays, at which nobody waits for deletes to end before all is merged. */
    private static final double URGENT_SHARE = 2;

    private CompactionPolicy() {}

    /** Says how many of the newest runs of a segment to merge. */
    static int runsToMerge(SegmentView view, SegmentContext context) {
        List<Long> sizes = new ArrayList<>();
        view.runs().forEach(run -> sizes.add(run.get().mappedBytes()));
        return runsToMerge(sizes, view.garbage(context.snapshots().oldest()), context.options());
    }

    /** True when there are more runs than should be kept, or all should be merged for what that leaves out. */
    static boolean isOverdue(SegmentView view, SegmentContext context) {
        SegmentOptions options = context.options();
        return view != null
                && (view.runCount() > options.deltasMax() + 1
                        || view.garbage(context.snapshots().oldest()).isDue(options.mainShare()));
    }

    /** True when, once the memtables are flushed, all should be merged for what that leaves out: at least {@code bytesMin}. */
    static boolean isReclaimDue(SegmentView view, SegmentContext context, long bytesMin) {
        return isReclaimDue(view, context, bytesMin, context.options().mainShare());
    }

    /** True when at least two thirds, and {@code bytesMin}, would be left out. */
    static boolean isReclaimUrgent(SegmentView view, SegmentContext context, long bytesMin) {
        return isReclaimDue(view, context, bytesMin, URGENT_SHARE);
    }

    private static boolean isReclaimDue(SegmentView view, SegmentContext context, long bytesMin, double share) {
        if (view == null) {
            return false;
        }
        long tombstones = view.memtableTombstones();
        return tombstones > 0
                && view.runCount() > 0
                && isDue(view.garbage().withTombstones(tombstones), bytesMin, share)
                && isDue(view.garbageAfterFlush(context.snapshots().oldest()), bytesMin, share);
    }

    private static boolean isDue(RunGarbage after, long bytesMin, double share) {
        return after.deadBytes() >= bytesMin && after.isDue(share);
    }

    /**
     * Says how many of the newest runs to merge.
     *
     * @param runBytes sizes, newest first; the last is the main run
     * @param garbage what a merge of all of them would leave out
     * @return {@link #NONE}, or 1 to all of them; 1 only when it is all
     */
    static int runsToMerge(List<Long> runBytes, RunGarbage garbage, SegmentOptions options) {
        if (garbage.isDue(options.mainShare())) {
            return runBytes.size();
        }
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
