package io.cleave.split;

/** How a rewrite ended. */
public enum SplitOutcome {
    /** One segment became a lower and an upper one. */
    SPLIT,
    /** The live entries fit one segment: one new id. */
    COMPACTED,
    /** Neighbours became one. */
    MERGED,
    /** Nothing to do: the segment is not eligible any more, or has left the route. */
    NOT_ELIGIBLE,
    /** Somebody else maintains a segment of it; try again later. */
    BUSY
}
