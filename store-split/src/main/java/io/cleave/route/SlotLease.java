package io.cleave.route;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentView;
import io.cleave.error.StoreException;
import java.util.List;

/**
 * References on everything that holds entries of one slot at one moment: the segment's view and the side memtable, if any.
 *
 * <p>Ownership: whoever got it closes it. Belongs to one thread at a time.
 */
public final class SlotLease implements AutoCloseable {
    private final SegmentSlot slot;
    private final SegmentView view;
    private final MemtableLayer side;
    private int extraSources;
    private boolean closed;

    private SlotLease(SegmentSlot slot, SegmentView view, MemtableLayer side) {
        this.slot = slot;
        this.view = view;
        this.side = side;
    }

    /** Takes the references, or returns null when the slot is out of date. Called inside an epoch. */
    static SlotLease tryAcquire(SegmentSlot slot) {
        MemtableLayer side = slot.side();
        SegmentView view = slot.view();
        if (view == null || !view.holder().tryAcquire()) {
            return null;
        }
        if (side != null && !side.shared().tryAcquire()) {
            view.holder().release();
            return null;
        }
        return new SlotLease(slot, view, side);
    }

    /** Gives itself back and throws when more than {@code holdersMax} hold the segment. */
    void requireAtMost(int holdersMax) {
        // One of them is the segment.
        int holders = view.holder().references() - 1;
        if (holders > holdersMax) {
            close();
            throw new StoreException.LimitReached("segment " + slot.segmentId() + ": expected at most " + holdersMax
                    + " holders (holdersMax), found " + holders + "; are there cursors that are not closed?");
        }
    }

    /** The slot itself. */
    public SegmentSlot slot() {
        return slot;
    }

    /** Keys of the slot. */
    public KeyBounds bounds() {
        return slot.bounds();
    }

    /**
     * All versions in the slot that were there before this call, and perhaps later ones, as one cursor; used only while the
     * lease is open.
     */
    public EntryCursor cursor() {
        List<EntryCursor> sources = view.sources();
        if (side != null && !side.memtable().isEmpty()) {
            sources.add(0, side.memtable().cursor());
        }
        extraSources = Math.max(0, sources.size() - 1);
        return MergeCursor.of(sources);
    }

    /**
     * Takes down what its cursor has done.
     *
     * @param seeks how often it was positioned
     * @param steps over how many entries it stepped
     * @param passed how many it passed without showing them
     */
    public void count(long seeks, long steps, long passed) {
        if (extraSources > 0) {
            slot.readDebt().add(extraSources, seeks, steps);
        }
        if (passed > 0) {
            slot.readDebt().addPassed(passed);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        view.holder().release();
        if (side != null) {
            side.shared().release();
        }
    }
}
