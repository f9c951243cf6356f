package io.cleave.route;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentView;
import java.util.List;

/**
 * References on everything that holds entries of one slot at one moment: the segment's view and the side memtable, if any.
 *
 * <p>Ownership: whoever got it closes it. Belongs to one thread at a time.
 */
public final class SlotLease implements AutoCloseable {
    private final KeyBounds bounds;
    private final SegmentView view;
    private final MemtableLayer side;
    private boolean closed;

    private SlotLease(KeyBounds bounds, SegmentView view, MemtableLayer side) {
        this.bounds = bounds;
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
        return new SlotLease(slot.bounds(), view, side);
    }

    /** Keys of the slot. */
    public KeyBounds bounds() {
        return bounds;
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
        return MergeCursor.of(sources);
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
