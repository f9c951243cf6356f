package io.cleave;

import java.util.NavigableMap;

/**
 * A cursor in the middle of an index, and a snapshot, held while something fails: both go on as if nothing had happened.
 *
 * <p>Ownership: whoever makes it closes it.
 */
final class HeldReads implements AutoCloseable {
    private static final int BEFORE = 3;

    private final SegmentIndex index;
    private final Snapshot snapshot;
    private final Cursor cursor;
    private final NavigableMap<byte[], byte[]> all;
    private final NavigableMap<byte[], byte[]> rest;
    private boolean finished;

    private HeldReads(SegmentIndex index, Snapshot snapshot, Cursor cursor) {
        this.index = index;
        this.snapshot = snapshot;
        this.cursor = cursor;
        this.all = StoreHistory.scanByCursor(index);
        this.rest = StoreHistory.copy(all);
        for (int i = 0; i < BEFORE && cursor.next(); i++) {
            rest.remove(cursor.keyBytes());
        }
    }

    /** Opens both, or none when that fails. Nobody writes meanwhile. */
    static HeldReads open(SegmentStore store, SegmentIndex index) {
        Snapshot snapshot = store.snapshot();
        Cursor cursor = null;
        try {
            cursor = index.cursor();
            return new HeldReads(index, snapshot, cursor);
        } catch (RuntimeException | Error e) {
            if (cursor != null) {
                cursor.close();
            }
            snapshot.close();
            throw e;
        }
    }

    /** Checks the snapshot, and the first time what the cursor still shows. */
    void check() {
        if (!finished) {
            finished = true;
            requireSame("cursor", rest, StoreHistory.scan(index, cursor));
        }
        try (Cursor again = snapshot.cursor(index)) {
            requireSame("cursor of a snapshot", all, StoreHistory.scan(index, again));
        }
        NavigableMap<byte[], byte[]> found = StoreHistory.newMap();
        all.keySet().forEach(key -> StoreHistory.apply(found, key, snapshot.get(index, key)));
        requireSame("snapshot", all, found);
    }

    private static void requireSame(
            String what, NavigableMap<byte[], byte[]> expected, NavigableMap<byte[], byte[]> found) {
        String difference = StoreHistory.difference(expected, found);
        if (difference != null) {
            throw new AssertionError(what + " that was held: " + difference);
        }
    }

    @Override
    public void close() {
        cursor.close();
        snapshot.close();
    }
}
