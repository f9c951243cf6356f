package io.cleave.route;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.segment.SegmentView;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One range of the route: the segment that holds it, once loaded, and the side memtable that takes its writes while the
 * segment is isolated.
 *
 * <p>Thread-safety: {@link #side} changes under the commit lock; {@link #segment} is a cache of the registry's answer that
 * any thread may fill, and a closed segment in it means "ask again".
 */
public final class SegmentSlot {
    private final long segmentId;
    private final KeyBounds bounds;
    private volatile Segment segment;
    private volatile MemtableLayer side;
    private volatile boolean crowded;
    private final AtomicBoolean flushRequested = new AtomicBoolean();
    private final ReadDebt readDebt = new ReadDebt();

    /**
     * @param segmentId who holds the range
     * @param bounds the range
     */
    public SegmentSlot(long segmentId, KeyBounds bounds) {
        this.segmentId = segmentId;
        this.bounds = bounds;
    }

    /** Id of the segment. */
    public long segmentId() {
        return segmentId;
    }

    /** Keys of the range. */
    public KeyBounds bounds() {
        return bounds;
    }

    /** The segment if it is known to be loaded; it may have been closed since. */
    public Segment segment() {
        return segment;
    }

    /** What the loaded segment holds at this moment, or null when it isn't loaded or has been closed. */
    public SegmentView view() {
        Segment loaded = segment;
        return loaded == null ? null : loaded.view();
    }

    /** True when the segment is loaded at this moment; under the commit lock it stays so. */
    public boolean isLoaded() {
        Segment loaded = segment;
        return loaded != null && loaded.state() != SegmentState.CLOSED;
    }

    /** Remembers the loaded segment. */
    public void remember(Segment loaded) {
        segment = loaded;
    }

    /** Marks that a flush of the segment is queued or under way; true for the one caller that set the mark. */
    public boolean markFlush() {
        return !flushRequested.get() && flushRequested.compareAndSet(false, true);
    }

    /** True when its memtables, or those that wait for a split beside it, hold anything. */
    public boolean isDirty() {
        SegmentView view = view();
        return side() != null || (view != null && view.isDirty());
    }

    /** True when its memtables and runs hold more. A limit above the largest int is none. */
    public boolean hasMoreEntriesThan(long most) {
        if (most > Integer.MAX_VALUE) {
            return false;
        }
        SegmentView view = view();
        return view != null && view.entries() > most;
    }

    /** Takes the mark back. */
    public void clearFlush() {
        flushRequested.set(false);
    }

    /** True while the mark is set. */
    public boolean isFlushMarked() {
        return flushRequested.get();
    }

    /** True while the segment has far more delta runs than it should. */
    public boolean isCrowded() {
        return crowded;
    }

    /** Says whether the segment has far more delta runs than it should. */
    public void crowd(boolean manyDeltas) {
        crowded = manyDeltas;
    }

    /** What cursors have paid for entries in several places. */
    public ReadDebt readDebt() {
        return readDebt;
    }

    /** Where writes go while the segment is isolated, else null. Newer than everything in the segment. */
    public MemtableLayer side() {
        return side;
    }

    /**
     * Sees to it that {@link #putLocked} of an entry of that size finds memory; see {@link MemtableLayer#reserve}. Requires the
     * commit lock.
     */
    public void reserveLocked(long commit, int keyLength, int valueLength) {
        MemtableLayer aside = side;
        (aside != null ? aside : segment.view().active()).reserve(commit, keyLength, valueLength);
    }

    /** Adds an entry, and returns the bytes of the memtable it went to. Requires the commit lock, and that it is writable. */
    long putLocked(MemtableLayer.Entry entry, long logPosition) {
        MemtableLayer aside = side;
        if (aside != null) {
            aside.put(entry, logPosition);
            return aside.memtable().bytes();
        }
        return segment.putLocked(entry, logPosition);
    }

    /** Directs writes to a side memtable, or back with null. Requires the commit lock. */
    public void divertLocked(MemtableLayer to) {
        side = to;
    }
}
