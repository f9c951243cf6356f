package io.cleave.core.storage;

/** A held lock on a file; {@link #close} gives it back and is idempotent. */
public interface StorageLock extends AutoCloseable {
    @Override
    void close();
}
