package io.cleave;

/** What a write survives once it has returned. Immutable, thread-safe. */
public enum Durability {
    /** Nothing: it is not logged, and lost unless its segment was flushed before the process ends. */
    MEMORY,
    /** The death of the process: it is in the system's page cache. The default. */
    PROCESS,
    /** The death of the machine: it is on the device. Concurrent writers share a sync. */
    DEVICE
}
