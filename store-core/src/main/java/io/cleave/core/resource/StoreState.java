package io.cleave.core.resource;

/** Where a store is in its life. */
public enum StoreState {
    /** It is being recovered; nobody has it yet. */
    OPENING,
    /** Reads and writes. */
    OPEN,
    /** Reads and writes of those who have a handle; no new handles. Writes only if it is not poisoned as well. */
    DRAINING,
    /** Reads only: what is on the disk is unknown. */
    POISONED,
    /** Nothing any more. */
    CLOSED
}
