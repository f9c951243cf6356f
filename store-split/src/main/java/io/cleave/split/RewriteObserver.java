package io.cleave.split;

import io.cleave.event.RunTraffic;
import java.util.List;

/** Told of a rewrite once it is through, on the thread that did it, which holds no lock of the store's then. */
@FunctionalInterface
public interface RewriteObserver {
    /**
     * What a rewrite has done. Immutable.
     *
     * @param outcome SPLIT, MERGED or COMPACTED
     * @param oldIds ids of the segments that were replaced, in key order
     * @param newIds ids of those that replaced them, in key order
     * @param traffic what was read and written
     */
    record Rewritten(SplitOutcome outcome, List<Long> oldIds, List<Long> newIds, RunTraffic traffic) {}

    /** The old segments are gone, the new ones in use. */
    void rewritten(Rewritten rewritten);
}
