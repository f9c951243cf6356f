package io.cleave.core.metrics;

/** Operations whose latency is measured. */
public enum TimedOperation {
    /** Point read. */
    GET,
    /** Single put. */
    PUT,
    /** Single delete. */
    DELETE,
    /** Commit of a batch. */
    BATCH,
    /** Positioning of a cursor by key. */
    SEEK
}
