package io.cleave;

import io.cleave.core.resource.Epoch;
import io.cleave.error.StoreClosedException;
import io.cleave.route.RoutedIndex;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * All indexes of a store as they were at one moment. Old versions that it sees are kept until it is closed.
 *
 * <p>Ownership: the caller closes it; cursors opened on it live on by themselves. Thread-safe.
 */
public final class Snapshot implements AutoCloseable {
    private final StoreEngine engine;
    private final long sequence;
    private final AtomicBoolean closed = new AtomicBoolean();

    Snapshot(StoreEngine engine) {
        this.engine = engine;
        this.sequence = engine.context().snapshots().register();
    }

    /** The newest sequence number it sees. */
    public long sequence() {
        return sequence;
    }

    /** The value a key had, null when it was absent. */
    public byte[] get(SegmentIndex index, byte[] key) {
        byte[] value = reads(index).get(key, sequence);
        requireOpen();
        return value;
    }

    /** Copies what fits of the value a key had; returns its whole length, -1 when the key was absent. */
    public int get(SegmentIndex index, byte[] key, byte[] target) {
        int length = reads(index).get(key, target, sequence);
        requireOpen();
        return length;
    }

    /** True when the key had a value. */
    public boolean containsKey(SegmentIndex index, byte[] key) {
        boolean present = reads(index).contains(key, sequence);
        requireOpen();
        return present;
    }

    /** A cursor over all entries. The caller closes it. */
    public Cursor cursor(SegmentIndex index) {
        return cursor(index, KeyRange.all());
    }

    /** A cursor over a range. The caller closes it. */
    public Cursor cursor(SegmentIndex index, KeyRange range) {
        RoutedIndex routed = check(index);
        Objects.requireNonNull(range, "range");
        return Cursor.at(engine, routed, range, sequence);
    }

    /** Lets go of old versions. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            engine.context().snapshots().release(sequence);
            Epoch.reclaim();
        }
    }

    private PointReads reads(SegmentIndex index) {
        return new PointReads(engine, check(index));
    }

    /** Also after a read: one that raced with close may have missed versions that were dropped meanwhile. */
    private void requireOpen() {
        if (closed.get()) {
            throw new StoreClosedException("snapshot is closed");
        }
    }

    private RoutedIndex check(SegmentIndex index) {
        Objects.requireNonNull(index, "index");
        engine.requireOpen();
        requireOpen();
        index.requireSameStore(engine);
        return index.routed();
    }
}
