package io.cleave.core.segment;

import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.merge.RetainingCursor.Tombstones;
import io.cleave.core.merge.VisibleCursor;
import io.cleave.core.resource.StackRoom;
import io.cleave.error.StoreClosedException;
import java.util.ConcurrentModificationException;

/**
 * An iterator over one whole segment with one of three isolations.
 *
 * <p>Ownership: the opener closes it; it holds a reference on the view. Belongs to one thread; a FULL_ISOLATION iterator is
 * closed by the thread that opened it. Closing one leaves the segment ISOLATED: whoever isolated it decides, under the
 * commit lock, whether it resumes with what was written meanwhile or is replaced.
 */
public final class SegmentIterator implements AutoCloseable {
    private final Segment segment;
    private final SegmentContext context;
    private final IteratorIsolation isolation;
    private final SegmentView view;
    private final long sequence;
    private final long version;
    private final VisibleCursor cursor;
    private boolean started;
    private boolean closed;

    private SegmentIterator(
            Segment segment, SegmentContext context, IteratorIsolation isolation, SegmentView view, long sequence) {
        this.segment = segment;
        this.context = context;
        this.isolation = isolation;
        this.view = view;
        this.sequence = sequence;
        this.version = segment.version();
        this.cursor = new VisibleCursor(view.cursor(), sequence, view.bounds());
    }

    static SegmentIterator open(Segment segment, SegmentContext context, IteratorIsolation isolation) {
        StackRoom.require();
        if (isolation == IteratorIsolation.FULL_ISOLATION) {
            segment.iteratorLock().lock();
        }
        context.commitLock().lock();
        try {
            SegmentView view = isolation == IteratorIsolation.FULL_ISOLATION ? segment.isolateLocked() : segment.view();
            if (view == null) {
                throw new StoreClosedException("segment " + segment.directory() + " is closed");
            }
            view.holder().acquire();
            return new SegmentIterator(
                    segment, context, isolation, view, context.snapshots().register());
        } catch (RuntimeException | Error e) {
            if (isolation == IteratorIsolation.FULL_ISOLATION) {
                segment.iteratorLock().unlock();
            }
            throw e;
        } finally {
            context.commitLock().unlock();
        }
    }

    /** The newest sequence number it shows; with FULL_ISOLATION the segment holds nothing newer. */
    public long sequence() {
        return sequence;
    }

    /** The view it reads. */
    public SegmentView view() {
        return view;
    }

    /** Moves to the next live entry, first to the first one. */
    public boolean next() {
        check();
        boolean on = started ? cursor.next() : cursor.first();
        started = true;
        return on;
    }

    /** The current entry; valid until the next move. */
    public VisibleCursor entry() {
        return cursor;
    }

    /**
     * Everything that must survive a rewrite of the segment: the live entries, and older versions that registered snapshots
     * still see. A second, independent pass. The caller closes it before this iterator.
     */
    public RetainingCursor retained() {
        check();
        long[] snapshots = context.snapshots().registered();
        boolean isolated = isolation == IteratorIsolation.FULL_ISOLATION;
        return new RetainingCursor(isolated ? view.isolatedCursor() : view.cursor(), snapshots, Tombstones.DROP);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        context.snapshots().release(sequence);
        cursor.close();
        view.holder().release();
        if (isolation == IteratorIsolation.FULL_ISOLATION) {
            segment.iteratorLock().unlock();
        }
    }

    private void check() {
        if (closed) {
            throw new StoreClosedException("iterator over " + segment.directory() + " is closed");
        }
        if (isolation == IteratorIsolation.FAIL_FAST && segment.version() != version) {
            throw new ConcurrentModificationException("segment " + segment.directory() + " has changed");
        }
    }
}
