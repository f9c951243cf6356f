package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.route.RoutedIndex;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All indexes of a store as they were at one moment. Old versions that it sees are kept until it is closed. An index that is
 * dropped meanwhile goes at once: what reads it here throws {@link StoreException.NotFound}, also when one of that name is made
 * anew.
 *
 * <p>Ownership: the caller closes it; cursors opened on it live on by themselves. Thread-safe.
 */
public final class Snapshot implements AutoCloseable {
    private final SegmentStore store;
    private final StoreEngine engine;
    /** From before the moment: what it names was there then, or was dropped since. */
    private final StoreCatalog catalog;

    private final SnapshotHandle handle;

    Snapshot(SegmentStore store) {
        this.store = store;
        this.engine = store.engine();
        this.catalog = engine.catalog();
        this.handle = new SnapshotHandle(this, engine.leaks(), engine.context().snapshots());
        engine.leaks().track(handle);
        if (engine.gate().isClosed()) {
            // The close may have looked for open handles before this one was there.
            handle.close();
        }
    }

    /** The newest sequence number it sees. */
    public long sequence() {
        return handle.sequence();
    }

    /** The reads of one index at the moment of the snapshot; usable as long as that is open. */
    public ReadView view(SegmentIndex index) {
        check(index);
        return new View(this, index);
    }

    /** See {@link #view}. */
    private record View(Snapshot snapshot, SegmentIndex index) implements ReadView {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return snapshot.get(index, key);
        }

        @Override
        public int get(byte[] key, byte[] target) {
            return snapshot.get(index, key, target);
        }

        @Override
        public boolean containsKey(byte[] key) {
            return snapshot.containsKey(index, key);
        }

        @Override
        public Cursor cursor() {
            return snapshot.cursor(index);
        }

        @Override
        public Cursor cursor(KeyRange range) {
            return snapshot.cursor(index, range);
        }
    }

    /** The value a key had, null when it was absent. */
    public byte @Nullable [] get(SegmentIndex index, byte[] key) {
        byte[] value = reads(index).get(key, handle.sequence());
        requireOpen();
        return value;
    }

    /** Copies what fits of the value a key had; returns its whole length, -1 when the key was absent. */
    public int get(SegmentIndex index, byte[] key, byte[] target) {
        int length = reads(index).get(key, target, handle.sequence());
        requireOpen();
        return length;
    }

    /** True when the key had a value. */
    public boolean containsKey(SegmentIndex index, byte[] key) {
        boolean present = reads(index).contains(key, handle.sequence());
        requireOpen();
        return present;
    }

    /** A cursor over all entries. The caller closes it. */
    public Cursor cursor(SegmentIndex index) {
        return cursor(index, KeyRange.all());
    }

    /** A cursor over a range. The caller closes it. */
    public Cursor cursor(SegmentIndex index, KeyRange range) {
        try {
            Objects.requireNonNull(range, "range");
            check(index);
            Cursor cursor = Cursor.at(index, range, handle.sequence());
            if (cursor == null) {
                // Closed since it was looked at.
                requireOpen();
                throw new AssertionError("an open snapshot holds no sequence number");
            }
            return cursor;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Lets go of old versions. Idempotent. */
    @Override
    public void close() {
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private PointReads reads(SegmentIndex index) {
        return new PointReads(engine.gate(), engine.operations(), check(index));
    }

    /** Also after a read: one that raced with close may have missed versions that were dropped meanwhile. */
    private void requireOpen() {
        try {
            boolean closed = handle.isClosed();
            if (closed) {
                // Closed by its owner or by the store.
                engine.gate().requireOpen();
                throw new StoreClosedException("snapshot is closed");
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private RoutedIndex check(SegmentIndex index) {
        Objects.requireNonNull(index, "index");
        engine.gate().requireOpen();
        requireOpen();
        index.requireSameStore(engine);
        RoutedIndex routed = index.routed();
        routed.requireOpen();
        boolean later = routed.indexId() >= catalog.nextIndexId();
        if (later && catalog.indexes().containsKey(index.name())) {
            throw new StoreException.NotFound("index " + LogText.name(index.name())
                    + " of the snapshot was dropped; the one that has its name was made later");
        }
        return routed;
    }

    /** Moment, store and state, for a log. */
    @Override
    public String toString() {
        return "Snapshot[sequence " + handle.sequence() + ", of " + store + (handle.isClosed() ? ", closed]" : "]");
    }
}
