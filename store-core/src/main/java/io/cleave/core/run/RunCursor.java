package io.cleave.core.run;

import io.cleave.core.entry.EntryCursor;

/** A cursor over a run that also says where in the file it stands. Belongs to one thread at a time. */
abstract class RunCursor extends EntryCursor {
    /** Ordinal of the block. */
    abstract int ordinal();

    /** File offset of the entry, or of its block where blocks are compressed. */
    abstract long offset();

    /** Whether the next move leaves the block. */
    abstract boolean isLastInBlock();
}
