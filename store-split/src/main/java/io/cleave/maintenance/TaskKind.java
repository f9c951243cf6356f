package io.cleave.maintenance;

/** Kinds of background work. */
public enum TaskKind {
    /** Memtables of a segment into a run. */
    FLUSH,
    /** Runs of a segment into fewer, by policy. */
    COMPACT,
    /** All runs of a segment into one, by request. */
    COMPACT_ALL,
    /** All runs of a segment into a new one, by request. */
    REWRITE,
    /** All of a segment into one run, because cursors have paid for it. */
    COMPACT_READ,
    /** All of a segment into one run, because the store's files have reached their limit. */
    RECLAIM,
    /** A segment into two. */
    SPLIT,
    /** A segment and its right neighbour into one. */
    MERGE,
    /** Unmapping and deletion of run files, for threads that must not wait for it. */
    CLEAN_UP,
    /** The next log file, ahead of time. */
    LOG_PREPARE,
    /** Log files that nothing needs any more. */
    LOG_RELEASE,
    /** A sync of the log, by interval. */
    LOG_SYNC;

    /** Short work that a writer may be about to wait for; it does not queue behind rewrites of segments. */
    boolean isUrgent() {
        return this == LOG_PREPARE || this == LOG_RELEASE || this == LOG_SYNC;
    }
}
