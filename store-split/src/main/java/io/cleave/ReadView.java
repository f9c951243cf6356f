package io.cleave;

import org.jspecify.annotations.Nullable;

/**
 * Reads of one index: as it is now, for a {@link SegmentIndex}, or as it was at the moment of a snapshot, for what {@link
 * Snapshot#view} gives. Arrays that go in are read before a call returns and never kept; arrays that come out belong to the caller.
 *
 * <p>Thread-safe; a cursor belongs to one thread at a time. Errors are those of the object that it is a view of.
 */
public interface ReadView {
    /** The value of a key, or null when it is absent. */
    byte @Nullable [] get(byte[] key);

    /**
     * Copies the value of a key into {@code target}, as much of it as there is room for.
     *
     * @return length of the value, which may be more; -1 when the key is absent
     */
    int get(byte[] key, byte[] target);

    /** True when the key has a value. */
    boolean containsKey(byte[] key);

    /** A cursor over all entries. The caller closes it. */
    Cursor cursor();

    /** A cursor over a range of keys. The caller closes it. */
    Cursor cursor(KeyRange range);
}
