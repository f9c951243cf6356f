package io.cleave.core.storage;

/**
 * Off-heap bytes at 64-bit offsets, little-endian: a mapped file or allocated memory. Reads are thread-safe while the region
 * is open. The owner closes it when no reader can be left; afterwards no method may be called.
 *
 * <p>An abstract class with one loaded subclass in normal use, so that the hot path compiles to direct calls.
 */
public abstract class Region implements AutoCloseable {
    /** Length in bytes. */
    public abstract long length();

    /** The byte at {@code offset}. */
    public abstract byte getByte(long offset);

    /** Two bytes at {@code offset}, unsigned. */
    public abstract int getUnsignedShort(long offset);

    /** Four bytes at {@code offset}. */
    public abstract int getInt(long offset);

    /** Eight bytes at {@code offset}. */
    public abstract long getLong(long offset);

    /** Copies {@code length} bytes at {@code offset} to the heap. */
    public abstract void copyTo(long offset, byte[] target, int at, int length);

    /**
     * Copies {@code length} bytes at {@code offset}, few as a rule, to the start of an array. Requires 8 bytes of the
     * region behind {@code offset + length}.
     */
    public abstract void copyShort(long offset, byte[] target, int length);

    /** Compares {@code length} bytes at {@code offset} with the first {@code keyLength} bytes of {@code key}, unsigned. */
    public abstract int compare(long offset, int length, byte[] key, int keyLength);

    /** True when {@code length} bytes at {@code offset} equal the first {@code length} bytes of {@code key}. */
    public abstract boolean equal(long offset, byte[] key, int length);

    /**
     * Before bytes are touched whose pages may have left memory: brings just these pages back where memory is scarce, see {@link
     * PageCache}. Never fails.
     */
    public void warm(long offset, long length) {}

    /** Unmaps or frees the bytes. Idempotent. */
    @Override
    public abstract void close();
}
