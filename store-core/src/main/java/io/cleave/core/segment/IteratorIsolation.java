package io.cleave.core.segment;

/** What an iterator over a segment or index promises about changes under way. */
public enum IteratorIsolation {
    /** A point in time; never blocks, never ends early. */
    SNAPSHOT,
    /** Throws {@link java.util.ConcurrentModificationException} once anything was written. */
    FAIL_FAST,
    /** Nothing changes while it is open: no write, flush or compaction touches the segment. For maintenance. */
    FULL_ISOLATION
}
