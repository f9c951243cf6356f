package io.cleave;

/**
 * What is done about cursors, snapshots, batches and stores that become unreachable without a close. Whatever is found is
 * released and counted in {@link LeakStats}; see docs/operations.md. Immutable.
 */
public enum LeakDetection {
    /** Nothing: what a forgotten handle holds stays until the store is closed, or for ever. */
    OFF,
    /** Found, released and counted; logged by kind when the count reaches 1, 10, 100 and so on. */
    SIMPLE,
    /** As {@link #SIMPLE}, and each is logged with the stack that opened it. Opening costs some microseconds more. */
    FULL
}
