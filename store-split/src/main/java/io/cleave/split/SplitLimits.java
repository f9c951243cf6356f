package io.cleave.split;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentView;

/**
 * When a segment is split or merged with its neighbour.
 *
 * @param segmentBytesMax run and memtable bytes above which a segment is split
 * @param segmentEntriesMax entries above which a segment is split, all versions counted
 * @param writerHeapBytesMax heap above which a segment is split, because a writer of all of it would take more
 */
public record SplitLimits(long segmentBytesMax, long segmentEntriesMax, long writerHeapBytesMax) {
    /** Neighbours are merged when together they stay below this share of both limits. */
    private static final int MERGED_SHARE = 4;

    /** Memtables of this share of the limits make a segment of their own. */
    private static final int FILLED_SHARE = 3;

    /** Heap is no limit. */
    public SplitLimits(long segmentBytesMax, long segmentEntriesMax) {
        this(segmentBytesMax, segmentEntriesMax, Long.MAX_VALUE);
    }

    /** True when a segment should be split. One with fewer than two keys in its runs can't be. */
    public boolean isTooLarge(Segment segment) {
        SegmentView view = segment.view();
        return view != null && !segment.isSettled() && isTooLarge(view);
    }

    boolean isTooLarge(SegmentView view) {
        boolean over = bytes(view) > segmentBytesMax
                || view.entries() > segmentEntriesMax
                || view.writerHeapBytes() > writerHeapBytesMax;
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
                && (bytes(view) * FILLED_SHARE > segmentBytesMax
                        || view.entries() * FILLED_SHARE > segmentEntriesMax
                        || view.writerHeapBytes() * FILLED_SHARE > writerHeapBytesMax);
    }

    /** True when two neighbours should become one. */
    public boolean areSmall(Segment lower, Segment upper) {
        SegmentView low = lower.view();
        SegmentView high = upper.view();
        return low != null
                && high != null
                && (bytes(low) + bytes(high)) * MERGED_SHARE < segmentBytesMax
                && (low.entries() + high.entries()) * MERGED_SHARE < segmentEntriesMax
                && (low.writerHeapBytes() + high.writerHeapBytes()) * MERGED_SHARE < writerHeapBytesMax;
    }

    /** True when it is not the number of bytes that is furthest above its limit, but that of entries, or the heap they take. */
    boolean isByEntries(SegmentView view) {
        double share = bytes(view) / (double) segmentBytesMax;
        return share <= 1 || view.entries() / (double) entriesMax(view) > share;
    }

    /** Entries like those of a segment that fit the limits of entries and of heap. */
    long entriesMax(SegmentView view) {
        double heap = view.writerHeapBytes() / (double) writerHeapBytesMax;
        return heap == 0
                ? segmentEntriesMax
                : (long) Math.max(1, Math.min((double) segmentEntriesMax, view.entries() / heap));
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
