package io.cleave.look;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.VisibleCursor;
import io.cleave.core.storage.MappingFault;

/**
 * A walk over entries of a cut. Starts before the first in its direction; {@link #next} and {@link #previous} return false past the end, and
 * the opposite move leads back in. Holds the runs of one segment at a time.
 *
 * <p>Ownership: whoever got it closes it, before another one of the cut is used. Belongs to one thread at a time.
 */
public final class CutCursor implements AutoCloseable {
    private final IndexCut cut;
    private final KeyBounds bounds;
    private final boolean descending;
    private final int first;
    private final int last;

    /** Between {@link #first} - 1 and {@link #last} + 1. */
    private int segment;

    private VisibleCursor current;

    CutCursor(IndexCut cut, KeyBounds bounds, boolean descending) {
        this.cut = cut;
        this.bounds = bounds;
        this.descending = descending;
        this.first = bounds.lower() == null ? 0 : cut.segmentOf(bounds.lower());
        this.last = bounds.upper() == null ? cut.segments() - 1 : cut.segmentOf(bounds.upper());
        this.segment = descending ? last + 1 : first - 1;
    }

    /** Moves to the next entry in its direction; false past the last. */
    public boolean next() {
        try {
            return descending ? moveDown() : moveUp();
        } catch (InternalError e) {
            throw MappingFault.of(cut.directory(), e);
        }
    }

    /** Moves to the entry before; false past the first. */
    public boolean previous() {
        try {
            return descending ? moveUp() : moveDown();
        } catch (InternalError e) {
            throw MappingFault.of(cut.directory(), e);
        }
    }

    /** Moves to the entry of the smallest key that is not below the given one, whatever its direction; false when there is none. */
    public boolean seek(byte[] key) {
        byte[] lower = bounds.lower();
        byte[] from = lower != null && KeyOrder.compare(key, lower) < 0 ? lower : key;
        boolean isBehind = bounds.upper() != null && KeyOrder.compare(from, bounds.upper()) >= 0;
        try {
            boolean found = enter(isBehind ? last + 1 : cut.segmentOf(from)) && current.seek(from, from.length);
            return found || moveUp();
        } catch (InternalError e) {
            throw MappingFault.of(cut.directory(), e);
        }
    }

    /** A copy of the key. Requires: the last move returned true. */
    public byte[] keyBytes() {
        VisibleCursor on = onEntry();
        try {
            byte[] copy = new byte[on.keyLength()];
            on.copyKey(copy);
            return copy;
        } catch (InternalError e) {
            throw MappingFault.of(cut.directory(), e);
        }
    }

    /** A copy of the value. Requires: the last move returned true. */
    public byte[] valueBytes() {
        VisibleCursor on = onEntry();
        try {
            byte[] copy = new byte[on.valueLength()];
            on.copyValue(0, copy, 0, copy.length);
            return copy;
        } catch (InternalError e) {
            throw MappingFault.of(cut.directory(), e);
        }
    }

    private VisibleCursor onEntry() {
        if (current == null) {
            throw new IllegalStateException(
                    "cursor is not on an entry: the last move returned false, or there was none");
        }
        return current;
    }

    private boolean moveUp() {
        boolean found = current != null && current.next();
        while (!found && segment <= last) {
            found = enter(segment + 1) && current.first();
        }
        return found;
    }

    private boolean moveDown() {
        boolean found = current != null && current.previous();
        while (!found && segment >= first) {
            found = enter(segment - 1) && current.last();
        }
        return found;
    }

    /** True when there is such a segment; the cursor is unpositioned in it. */
    private boolean enter(int next) {
        leave();
        segment = next;
        if (next < first || next > last) {
            return false;
        }
        KeyBounds shown = cut.bounds(next).intersect(bounds);
        if (shown.isEmpty()) {
            return false;
        }
        current = new VisibleCursor(cut.source(next), cut.sequence(), shown);
        return true;
    }

    private void leave() {
        if (current != null) {
            current.close();
            current = null;
            cut.leave(segment);
        }
    }

    @Override
    public void close() {
        leave();
    }
}
