package io.cleave.core.entry;

import io.cleave.core.bytes.KeyOrder;
import java.util.Arrays;

/**
 * A half-open range of keys: from {@code lower}, included, to {@code upper}, excluded. Immutable as long as nobody writes
 * into the arrays; they are not copied.
 *
 * @param lower smallest key, or null for no lower bound
 * @param upper first key above, or null for no upper bound
 */
public record KeyBounds(byte[] lower, byte[] upper) {
    /** Every key. */
    public static final KeyBounds ALL = new KeyBounds(null, null);

    /** True when {@code key} lies within. */
    public boolean contains(byte[] key) {
        return (lower == null || KeyOrder.compare(key, lower) >= 0)
                && (upper == null || KeyOrder.compare(key, upper) < 0);
    }

    /** True when {@code key} is not the first bound, and what comes right before it lies within. */
    public boolean reachesBelow(byte[] key) {
        return (lower == null || KeyOrder.compare(lower, key) < 0)
                && (upper == null || KeyOrder.compare(key, upper) <= 0);
    }

    /** True when no key can lie within. */
    public boolean isEmpty() {
        return lower != null && upper != null && KeyOrder.compare(lower, upper) >= 0;
    }

    /** The keys that lie within both. */
    public KeyBounds intersect(KeyBounds other) {
        byte[] from = lower;
        if (from == null || (other.lower != null && KeyOrder.compare(other.lower, from) > 0)) {
            from = other.lower;
        }
        byte[] to = upper;
        if (to == null || (other.upper != null && KeyOrder.compare(other.upper, to) < 0)) {
            to = other.upper;
        }
        return new KeyBounds(from, to);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyBounds bounds
                && Arrays.equals(lower, bounds.lower)
                && Arrays.equals(upper, bounds.upper);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(lower) + Arrays.hashCode(upper);
    }

    @Override
    public String toString() {
        return "[" + length(lower) + " bytes, " + length(upper) + " bytes)";
    }

    private static String length(byte[] key) {
        return key == null ? "unbounded" : Integer.toString(key.length);
    }
}
