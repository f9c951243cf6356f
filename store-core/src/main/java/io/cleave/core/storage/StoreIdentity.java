package io.cleave.core.storage;

/**
 * What tells a store from every other: 128 random bits, chosen when it is made, that stand in each of its files. Immutable.
 *
 * @param high upper half
 * @param low lower half
 */
public record StoreIdentity(long high, long low) {
    /** Another one each time. */
    public static StoreIdentity random(Storage storage) {
        return new StoreIdentity(storage.randomLong(), storage.randomLong());
    }

    /** By hand: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof StoreIdentity that && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ Long.rotateLeft(low, 1));
    }

    /** Both halves in hexadecimal digits. */
    @Override
    public String toString() {
        return Long.toHexString(high) + "-" + Long.toHexString(low);
    }
}
