package io.cleave.core.storage;

/**
 * What a mapping is for, which says how near to a limit it may go: without what is left to the more urgent uses nobody could make
 * room once everything that is mapped is dirty.
 */
enum MappingUse {
    /** A file for somebody who can wait or do without: a segment that is loaded or made. */
    READING(2),
    /** The run of a flush or a compaction; once it is mapped, what it replaces goes. */
    WRITTEN(1),
    /** A file of the log, for which no writer should fail: its bytes count, but are not refused. */
    LOG(0);

    private final int shares;

    MappingUse(int shares) {
        this.shares = shares;
    }

    /** How many shares it leaves to others. */
    int shares() {
        return shares;
    }
}
