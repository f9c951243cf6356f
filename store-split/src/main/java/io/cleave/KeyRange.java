package io.cleave;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import java.util.Objects;

/**
 * A range of keys and the direction in which a cursor walks it. Immutable, thread-safe; copies the arrays it is given.
 *
 * <p>{@code KeyRange.all()}, {@code KeyRange.prefix(p)}, {@code KeyRange.from(a).to(b)}, each {@code .descending()}.
 */
public final class KeyRange {
    private static final KeyRange ALL = new KeyRange(null, null, false);

    private final byte[] lower;
    private final byte[] upper;
    private final boolean descending;

    private KeyRange(byte[] lower, byte[] upper, boolean descending) {
        this.lower = lower;
        this.upper = upper;
        this.descending = descending;
    }

    /** Every key, ascending. */
    public static KeyRange all() {
        return ALL;
    }

    /** Keys that start with {@code prefix}. */
    public static KeyRange prefix(byte[] prefix) {
        return new KeyRange(prefix.clone(), KeyOrder.afterPrefix(prefix), false);
    }

    /** Keys from {@code key} on, itself included. */
    public static KeyRange from(byte[] key) {
        return new KeyRange(key.clone(), null, false);
    }

    /** Keys above {@code key}, itself excluded. */
    public static KeyRange above(byte[] key) {
        return new KeyRange(KeyOrder.successor(key), null, false);
    }

    /** The same range, ending before {@code key}. */
    public KeyRange to(byte[] key) {
        return new KeyRange(lower, key.clone(), descending);
    }

    /** The same range, ending at {@code key}, itself included. */
    public KeyRange through(byte[] key) {
        return new KeyRange(lower, KeyOrder.successor(key), descending);
    }

    /** The same range, largest key first. */
    public KeyRange descending() {
        return new KeyRange(lower, upper, true);
    }

    /** True when the largest key comes first. */
    public boolean isDescending() {
        return descending;
    }

    /** True when {@code key} lies in the range. */
    public boolean contains(byte[] key) {
        return bounds().contains(Objects.requireNonNull(key, "key"));
    }

    KeyBounds bounds() {
        return new KeyBounds(lower == null || lower.length == 0 ? null : lower, upper);
    }
}
