package io.cleave.core.storage;

/**
 * A preallocated file that is written in place. One writer at a time, forces from any thread. The creator owns it; close
 * is idempotent and does not force.
 */
public interface WritableRegion extends AutoCloseable {
    /** Length in bytes; writes stay below it. */
    long length();

    /** Writes bytes at {@code offset}. */
    void put(long offset, byte[] source, int from, int length);

    /** Writes 4 little-endian bytes at an offset that is a multiple of 4, after all earlier writes in memory order. */
    void putIntRelease(long offset, int value);

    /** Makes the bytes in a range durable. A failure leaves them unknown: the caller must not try again. */
    void force(long offset, long length);

    @Override
    void close();
}
