package io.cleave.core.storage;

/** A held lock on a file; {@link #close} gives it back and is idempotent. */
public interface StorageLock extends AutoCloseable {
    /**
     * False when it was given back, or when the system is known to have forgotten it. Where the system does not tell, the answer
     * is true. The first call must come before anybody can have lost it.
     */
    default boolean isHeld() {
        return true;
    }

    @Override
    void close();
}
