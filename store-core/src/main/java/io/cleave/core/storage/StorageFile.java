package io.cleave.core.storage;

/**
 * An open file. Not thread-safe. The opener owns it and closes it; close is idempotent. Calls survive thread interrupts.
 */
public interface StorageFile extends AutoCloseable {
    /**
     * Appends bytes at the end of what this object has written so far; all of them or an exception. They may wait in a buffer
     * on the heap until the next read, size, force or close, which may throw what this call would have. After a failed write
     * or force the tail is unknown: every later call but {@link #close} throws {@code Io}.
     */
    void append(byte[] source, int from, int length);

    /** Reads up to {@code length} bytes at {@code offset}; returns how many there were, 0 at or after the end. */
    int read(long offset, byte[] target, int at, int length);

    /** Length in bytes. */
    long size();

    /** Makes bytes and length durable. A failure leaves them unknown: the caller must not try again. */
    void force();

    /** Hands on what waits in the buffer, without a force, and gives the file back even when that fails. */
    @Override
    void close();
}
