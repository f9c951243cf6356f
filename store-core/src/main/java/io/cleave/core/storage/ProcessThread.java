package io.cleave.core.storage;

/**
 * A daemon thread that all stores of a process share: no storage counts it, and making it takes nothing but its memory.
 * Otherwise like those of {@link Storage#newThread}. Thread-safe.
 */
public final class ProcessThread {
    private static final Ledger LEDGER = new Ledger(StorageLimits.defaults());

    private ProcessThread() {}

    /** An unstarted thread with the given name. */
    public static Thread of(String name, Runnable body) {
        return new CountedThread(LEDGER, name, body);
    }
}
