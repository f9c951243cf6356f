package io.cleave.core.bytes;

/**
 * Unsigned LEB128 integers in heap arrays: 7 bits a byte, low bits first, the high bit says that more follow. Negative
 * ints and longs take the longest form. Stateless, thread-safe.
 */
public final class Varint {
    /** Most bytes an {@code int} takes. */
    public static final int INT_BYTES_MAX = 5;

    /** Most bytes a {@code long} takes. */
    public static final int LONG_BYTES_MAX = 10;

    private Varint() {}

    /** Writes {@code value} at {@code at} and returns the offset after it. */
    public static int putInt(byte[] target, int at, int value) {
        int next = at;
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            target[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[next++] = (byte) rest;
        return next;
    }

    /** Writes {@code value} at {@code at} and returns the offset after it. */
    public static int putLong(byte[] target, int at, long value) {
        int next = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            target[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[next++] = (byte) rest;
        return next;
    }

    /** Bytes that {@code value} takes. */
    public static int length(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }
}
