package io.cleave.split;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentView;

/**
 * When a segment is split or merged with its neighbour.
 *
 * @param segmentBytesMax run and memtable bytes above which a segment is split
 * @param segmentEntriesMax entries above which a segment is split, all versions counted
 */
public record SplitLimits(long segmentBytesMax, long segmentEntriesMax) {
    /** Neighbours are merged when together they stay below this share of both limits. */
    private static final int MERGED_SHARE = 4;

    /** Memtables of this share of the limits make a segment of their own. */
    private static final int FILLED_SHARE = 3;

    /** True when a segment should be split. One with fewer than two keys in its runs can't be. */
    public boolean isTooLarge(Segment segment) {
        SegmentView view = segment.view();
        return view != null && !segment.isSettled() && isTooLarge(view);
    }

    boolean isTooLarge(SegmentView view) {
        boolean over = bytes(view) > segmentBytesMax || view.entries() > segmentEntriesMax;
        return (over || isFilledByAppending(view)) && hasTwoKeys(view);
    }

    /**
     * True for a segment that began empty at the end of the index, as {@link EvenCut} leaves one where keys ascend, and whose
     * memtables are worth a segment: they are written once, as a whole segment, rather than as deltas that are merged again.
     */
    boolean isFilledByAppending(SegmentView view) {
        boolean atEnd = view.bounds().lower() != null && view.bounds().upper() == null;
        return atEnd
                && view.runCount() == 0
                && (bytes(view) * FILLED_SHARE > segmentBytesMax || view.entries() * FILLED_SHARE > segmentEntriesMax);
    }

    /** True when two neighbours should become one. */
    public boolean areSmall(Segment lower, Segment upper) {
        SegmentView low = lower.view();
        SegmentView high = upper.view();
        return low != null
                && high != null
                && (bytes(low) + bytes(high)) * MERGED_SHARE < segmentBytesMax
                && (low.entries() + high.entries()) * MERGED_SHARE < segmentEntriesMax;
    }

    /** True when it is the number of entries, not of bytes, that makes a segment too large. */
    boolean isByEntries(SegmentView view) {
        return bytes(view) <= segmentBytesMax;
    }

    static long bytes(SegmentView view) {
        return view.runBytes() + view.memtableBytes();
    }

    private static boolean hasTwoKeys(SegmentView view) {
        return view.isDirty()
                || view.runs().size() > 1
                || view.runs().stream()
                        .anyMatch(run -> run.get().run().properties().distinctKeys() > 1);
    }
}
