package io.cleave.maintenance;

/** Why a writer was slowed down or stopped. */
public enum StallReason {
    /** Memtables near their budget: flushing can't keep up. */
    MEMORY_SLOWDOWN,
    /** Memtables at their budget: the writer waited for a flush. */
    MEMORY_STOP,
    /** A segment has many more delta runs than it should: compaction can't keep up. */
    DELTAS_SLOWDOWN
}
