package io.cleave.core.metrics;

/** What is counted for each operation of a store's user. */
public enum OperationCounter {
    /** Point reads that found a value. */
    GET_HIT,
    /** Point reads that found none. */
    GET_ABSENT,
    /** Single puts. */
    PUT,
    /** Single deletes. */
    DELETE,
    /** Batches committed. */
    BATCH,
    /** Operations in them. */
    BATCH_OPERATION,
    /** Bytes of keys and values in puts, deletes and batches. */
    BYTES_PUT,
    /** Cursors opened. */
    CURSOR,
    /** Positionings of cursors by key. */
    SEEK,
    /** Moves of cursors from one entry to the next. */
    STEP
}
