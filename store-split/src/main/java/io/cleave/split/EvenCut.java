package io.cleave.split;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.run.RunProperties;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentBuilder;
import io.cleave.core.segment.SegmentView;

/**
 * Divides what a segment holds into equal parts, each well below the limit, so that every new segment has room to grow. Where
 * keys come in ascending order only the last one will grow, so the others are filled.
 *
 * <p>Old versions and tombstones count in the parts, so live entries that would fit one segment stay in one. Made for one
 * split; belongs to the thread that runs it.
 */
final class EvenCut implements SegmentRewrite.Cut {
    /** What a new segment has at birth, of the limit. */
    private static final double SHARE_OF_PART = 0.55;

    /** The same for one that will not grow: its index and filter still have to fit. */
    private static final double SHARE_OF_FILLED = 0.8;

    /** New segments at a time, each of which takes a descriptor: those that are still too large are divided in turn. */
    static final int PARTS_MAX = 24;

    private final SplitLimits limits;
    private final SegmentRewrite rewrite;

    /** 0 until the first call: sizes are known from S2 on. */
    private int parts;

    private boolean byEntries;
    private boolean appended;
    private boolean atEnd;
    private double partSize;
    private int begun = 1;

    EvenCut(SplitLimits limits, SegmentRewrite rewrite) {
        this.limits = limits;
        this.rewrite = rewrite;
    }

    @Override
    public boolean beginsNext(SegmentBuilder current, long entryBytes) {
        if (parts == 0) {
            plan(rewrite.iterators().get(0).view());
        }
        if (current.heapBytes() > limits.writerHeapBytesMax()) {
            // Keys are not alike; the bound is.
            begun++;
            return true;
        }
        if (begun >= parts) {
            return false;
        }
        // With the entry the part would come further from its size than it is without.
        boolean full = byEntries ? current.entries() + 0.5 >= partSize : current.bytes() + entryBytes / 2.0 >= partSize;
        begun += full ? 1 : 0;
        return full;
    }

    /** Where keys ascend, a full segment is left alone for good: what comes goes to one of its own. */
    @Override
    public boolean endsWithEmpty(SegmentBuilder last) {
        double size = byEntries ? last.entries() : last.bytes();
        return appended && atEnd && last.largestKey().length < EntryLimits.KEY_BYTES_MAX && size >= partSize / 2;
    }

    private void plan(SegmentView view) {
        atEnd = view.bounds().upper() == null;
        byEntries = limits.isByEntries(view);
        double size = byEntries ? view.entries() : SplitLimits.bytes(view);
        double limit = byEntries ? limits.entriesMax(view) : limits.segmentBytesMax();
        boolean few = size <= PARTS_MAX * SHARE_OF_FILLED * limit;
        appended = few && (limits.isFilledByAppending(view) || (size > limit && isAppended(view)));
        if (appended) {
            partSize = SHARE_OF_FILLED * limit;
            parts = Integer.MAX_VALUE;
        } else {
            parts = (int) Math.max(2, Math.min(PARTS_MAX, Math.round(size / (SHARE_OF_PART * limit))));
            partSize = size / parts;
        }
    }

    /** True when the newest entries all lie above the older ones. */
    private static boolean isAppended(SegmentView view) {
        byte[] newest = null;
        for (MemtableLayer layer : view.sealed()) {
            byte[] key = layer.memtable().smallestKey();
            if (key != null) {
                newest = newest == null || KeyOrder.compare(key, newest) < 0 ? key : newest;
            }
        }
        int olderFrom = newest == null ? 1 : 0;
        if (newest == null && view.runCount() > 0) {
            newest = properties(view, 0).smallestKey();
        }
        boolean appended = newest != null && view.runCount() > olderFrom;
        for (int i = olderFrom; appended && i < view.runCount(); i++) {
            appended = KeyOrder.compare(properties(view, i).largestKey(), newest) < 0;
        }
        return appended;
    }

    private static RunProperties properties(SegmentView view, int run) {
        return view.runs().get(run).get().run().properties();
    }
}
