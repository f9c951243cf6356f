package io.cleave;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys and the direction in which a cursor walks it. Immutable, thread-safe; copies the arrays it is given.
 *
 * <p>{@code KeyRange.all()}, {@code KeyRange.prefix(p)}, {@code KeyRange.from(a).to(b)}, each {@code .descending()}.
 */
public final class KeyRange {
    private static final KeyRange ALL = new KeyRange(null, null, false);

    private final byte @Nullable [] lower;
    private final byte @Nullable [] upper;
    private final boolean descending;

    private KeyRange(byte @Nullable [] lower, byte @Nullable [] upper, boolean descending) {
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
        Objects.requireNonNull(prefix, "prefix");
        return new KeyRange(prefix.clone(), KeyOrder.afterPrefix(prefix), false);
    }

    /** Keys from {@code key} on, itself included. */
    public static KeyRange from(byte[] key) {
        return new KeyRange(Objects.requireNonNull(key, "key").clone(), null, false);
    }

    /** Keys above {@code key}, itself excluded. */
    public static KeyRange above(byte[] key) {
        return new KeyRange(KeyOrder.successor(Objects.requireNonNull(key, "key")), null, false);
    }

    /** The same range, ending before {@code key}. */
    public KeyRange to(byte[] key) {
        return new KeyRange(lower, Objects.requireNonNull(key, "key").clone(), descending);
    }

    /** The same range, ending at {@code key}, itself included. */
    public KeyRange through(byte[] key) {
        return new KeyRange(lower, KeyOrder.successor(Objects.requireNonNull(key, "key")), descending);
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

    /** Bounds and direction, for a log: keys of ASCII as text, others in hexadecimal digits, both cut after some bytes. */
    @Override
    public String toString() {
        String from = lower == null ? "" : "from " + LogText.key(lower);
        String to = upper == null ? "" : "to " + LogText.key(upper);
        String both = lower == null && upper == null ? "all" : (from + " " + to).strip();
        return "KeyRange[" + both + (descending ? ", descending]" : "]");
    }

    KeyBounds bounds() {
        return new KeyBounds(lower == null || lower.length == 0 ? null : lower, upper);
    }
}
