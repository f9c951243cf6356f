package io.cleave;

import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.error.StoreException;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.split.SplitOutcome;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One named, ordered map of byte keys to byte values.
 *
 * <p>Keys are 1 to 65,535 bytes, values 0 bytes up to the limit of the options. Arrays that go in are copied before the call
 * returns; arrays that come out belong to the caller.
 *
 * <p>Thread-safe, and needs no closing. Errors: {@link IllegalArgumentException} and {@link NullPointerException} for keys
 * and values out of range, {@link io.cleave.error.StoreClosedException} after the store was closed, {@link
 * StoreException.NotFound} after the index was dropped, {@link StoreException} for the rest.
 */
public final class SegmentIndex implements ReadView {
    /** As long as an index can be reached its store is in use. */
    private final SegmentStore store;

    private final StoreEngine engine;
    private final String name;
    private final RoutedIndex index;
    private final PointReads reads;

    SegmentIndex(SegmentStore store, String name, RoutedIndex index) {
        this.store = store;
        this.engine = store.engine();
        this.name = name;
        this.index = index;
        this.reads = new PointReads(engine.gate(), engine.operations(), index);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** How it is kept; see {@link SegmentStore#alterIndex}. */
    public IndexOptions options() {
        requireOpen();
        return IndexOptions.of(index.options());
    }

    /** Sets the value of a key, with the durability of the options. */
    public void put(byte[] key, byte[] value) {
        put(key, value, engine.options().durability());
    }

    /** Sets the value of a key; it survives what {@code durability} says once this returns. */
    public void put(byte[] key, byte[] value, Durability durability) {
        try {
            CommitPath.checkKey(key);
            engine.commits().checkValue(value);
            Objects.requireNonNull(durability, "durability");
            OperationCells cells = engine.operations().own();
            long start = cells.begin();
            engine.commits().put(index, key, value, durability);
            cells.count(OperationCounter.PUT, 1);
            cells.count(OperationCounter.BYTES_PUT, (long) key.length + value.length);
            engine.operations().end(cells, TimedOperation.PUT, index, start);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** The value of a key, null when absent. */
    @Override
    public byte @Nullable [] get(byte[] key) {
        try {
            return reads.get(key, RoutedIndex.LATEST);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Copies what fits of the value into {@code target}; returns its whole length, -1 when the key is absent. */
    @Override
    public int get(byte[] key, byte[] target) {
        try {
            return reads.get(key, target, RoutedIndex.LATEST);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** True when the key has a value. */
    @Override
    public boolean containsKey(byte[] key) {
        try {
            return reads.contains(key, RoutedIndex.LATEST);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Removes a key; nothing happens when it is absent. */
    public void delete(byte[] key) {
        delete(key, engine.options().durability());
    }

    /** Removes a key; that survives what {@code durability} says once this returns. */
    public void delete(byte[] key, Durability durability) {
        try {
            CommitPath.checkKey(key);
            Objects.requireNonNull(durability, "durability");
            OperationCells cells = engine.operations().own();
            long start = cells.begin();
            engine.commits().delete(index, key, durability);
            cells.count(OperationCounter.DELETE, 1);
            cells.count(OperationCounter.BYTES_PUT, key.length);
            engine.operations().end(cells, TimedOperation.DELETE, index, start);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** A cursor over all entries as they are now. The caller closes it. */
    @Override
    public Cursor cursor() {
        return cursor(KeyRange.all());
    }

    /** A cursor over a range as it is now. The caller closes it. */
    @Override
    public Cursor cursor(KeyRange range) {
        requireOpen();
        return Cursor.latest(this, Objects.requireNonNull(range, "range"), Cursor.Consistency.SNAPSHOT);
    }

    /**
     * A cursor over a range as it is now that throws {@link java.util.ConcurrentModificationException} once anything was
     * written to the index, whatever the key. Flushes, compactions and splits are no change. The caller closes it.
     */
    public Cursor failFastCursor(KeyRange range) {
        requireOpen();
        return Cursor.latest(this, Objects.requireNonNull(range, "range"), Cursor.Consistency.FAIL_FAST);
    }

    /** Writes what is in memory to runs, and waits for it. */
    public void flush() {
        try {
            requireMaintainable("flush");
            engine.maintenance().flushAll(List.of(index));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Flushes and merges the runs of each segment into one, and waits for it. */
    public void compact() {
        try {
            requireMaintainable("compact");
            engine.maintenance().compactAll(index);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * Flushes and writes the runs of each segment anew as one, also where there is one only, and waits for it: all of the index is
     * then kept as {@link #options} says.
     */
    public void rewrite() {
        try {
            requireMaintainable("rewrite");
            engine.maintenance().rewriteAll(index);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * Splits a segment in two whatever its size, and waits for it.
     *
     * @return true when there are two now; false when its live entries are too few, or it was rewritten by somebody else
     * @throws StoreException.NotFound when the index has no such segment
     */
    public boolean split(long segmentId) {
        try {
            requireMaintainable("split");
            Route route = index.route();
            int position = route.positionOf(segmentId);
            if (position < 0) {
                throw new StoreException.NotFound("index " + name + " has no segment " + segmentId);
            }
            SplitOutcome outcome = engine.maintenance().splitNow(index, route.slot(position));
            return outcome == SplitOutcome.SPLIT;
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * What it consists of. Segments that are not loaded are not loaded for this: their figures are read from the ends of their
     * files, some four small reads for each run.
     */
    public IndexStats stats() {
        try {
            requireOpen();
            Route route = index.route();
            List<IndexStats.SegmentStats> segments = new ArrayList<>();
            for (int i = 0; i < route.size(); i++) {
                segments.add(SegmentFigures.of(index, route.slot(i)));
            }
            return new IndexStats(name, segments);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** True for another object of the same index of the same open store. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SegmentIndex that && that.index == index;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(index);
    }

    /** Name, store and state, for a log. */
    @Override
    public String toString() {
        return "SegmentIndex[" + LogText.name(name) + ", of " + store
                + (index.isClosed() ? ", dropped or closed]" : "]");
    }

    RoutedIndex routed() {
        return index;
    }

    StoreEngine engine() {
        return engine;
    }

    /** Refuses an index of another store. */
    void requireSameStore(StoreEngine other) {
        if (engine != other) {
            throw new IllegalArgumentException("index " + name + " belongs to another store");
        }
    }

    private void requireMaintainable(String call) {
        engine.gate().requireWritable();
        index.requireOpen();
        engine.notices().requireOutside(call);
    }

    private void requireOpen() {
        engine.gate().requireOpen();
        index.requireOpen();
    }
}
