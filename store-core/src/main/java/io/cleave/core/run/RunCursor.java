package io.cleave.core.run;

import io.cleave.core.entry.EntryCursor;

/** A cursor over a run that also says where in the file it stands. */
interface RunCursor extends EntryCursor {
    /** Ordinal of the block. */
    int ordinal();

    /** File offset of the entry, or of its block where blocks are compressed. */
    long offset();

    /** Whether the next move leaves the block. */
    boolean isLastInBlock();
}
