package io.cleave;

/**
 * Handles that became unreachable without a close, by kind. Immutable.
 *
 * @param cursors forgotten cursors
 * @param snapshots forgotten snapshots
 * @param batches forgotten batches that were neither committed nor closed
 * @param stores forgotten stores; of one store, 1 or 0
 * @param failures of these, how many could not be released without an error, which was logged
 */
public record LeakStats(long cursors, long snapshots, long batches, long stores, long failures) {
    /** Forgotten handles of all kinds. */
    public long handles() {
        return cursors + snapshots + batches + stores;
    }

    /** Those of all stores since the process began, closed ones included. */
    public static LeakStats ofProcess() {
        return LeakCounts.ofProcess().stats();
    }
}
