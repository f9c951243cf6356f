package io.cleave.core.registry;

/** How the registry answered (R1.4). */
public enum SegmentRegistryStatus {
    /** Done; there is a segment where the operation gives one. */
    OK,
    /** Refused for the moment: the handler is locked, or another process holds the segment's directory. */
    BUSY,
    /** There is no such segment. */
    NOT_FOUND,
    /** The registry is closed. */
    CLOSED,
    /** The registry has failed. */
    ERROR
}
