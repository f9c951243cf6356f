package io.cleave.core.resource;

/**
 * The order in which a thread may take locks, outermost first. docs/concurrency.md says what each guards.
 */
public enum LockRank {
    /** Opening, closing, creating and dropping of indexes in one store. Held across I/O. */
    STORE,
    /** One segment's maintenance right: flush, compaction, split, merge, deletion. Held across I/O. */
    HANDLER,
    /** A FULL_ISOLATION iterator on one segment. Held across I/O. */
    ITERATOR,
    /** One index's key map and its file. Held across the persist of that file and nothing else. */
    KEY_MAP,
    /** The handler cache of one registry. Never held across I/O. */
    CACHE,
    /**
     * The order of commits in one store, memtable writes, and the replacement of views. Held across I/O only where an append
     * finds no log file prepared and has to make one.
     */
    COMMIT,
    /** The registered snapshots of one store. Leaf. */
    SNAPSHOTS,
    /** The order of one memtable, while somebody brings it up to date. Leaf. */
    MEMTABLE_ORDER
}
