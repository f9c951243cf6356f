package io.cleave;

import io.cleave.event.RunTraffic;
import io.cleave.event.SegmentPlace;
import io.cleave.maintenance.StallReason;
import io.cleave.split.SplitOutcome;
import java.util.List;

/**
 * Told what happens inside a store, while it happens; see {@link StoreOptions.Builder#listener}. Every method does nothing
 * unless it is overridden.
 *
 * <p>Called on the thread that did the work: a maintenance thread, or a thread of the program. So it must be thread-safe, and
 * quick: what it does delays that work or that write. What it throws is logged and counted, and harms nothing.
 *
 * <p>No lock of the store is held. A listener may read and write the same store: get, put, delete, batches, cursors, snapshots,
 * {@link SegmentStore#metrics}. Its own writes do not wait for memory, so it should write little; a stall in one is not told.
 * Calls that wait for background work, or that such work waits for, throw {@link IllegalStateException}: creating and dropping
 * an index, flush, compact, split, awaitMaintenance and close.
 */
public interface StoreListener {
    /**
     * Segments that replaced others. Immutable.
     *
     * @param store directory of the store
     * @param index name of the index
     * @param outcome SPLIT, MERGED, or COMPACTED for one that was rewritten as one
     * @param oldIds ids of those that were replaced, in key order
     * @param newIds ids of those that replaced them, in key order
     * @param traffic what was read and written
     * @param nanos how long it took, in nanoseconds
     */
    record Rewrite(
            String store,
            String index,
            SplitOutcome outcome,
            List<Long> oldIds,
            List<Long> newIds,
            RunTraffic traffic,
            long nanos) {
        /** Keeps its own copies of the lists. */
        public Rewrite {
            oldIds = List.copyOf(oldIds);
            newIds = List.copyOf(newIds);
        }
    }

    /** A segment exists and is in use: of a new index, or made by a rewrite. */
    default void segmentCreated(SegmentPlace place) {}

    /** A segment is out of use: replaced by a rewrite, or its index was dropped. */
    default void segmentDropped(SegmentPlace place) {}

    /** A segment became several. Comes after what was created and before what was dropped for it. */
    default void segmentSplit(Rewrite rewrite) {}

    /** Neighbours became one. Comes after what was created and before what was dropped for it. */
    default void segmentsMerged(Rewrite rewrite) {}

    /** A segment became one new segment. Comes after what was created and before what was dropped for it. */
    default void segmentRewritten(Rewrite rewrite) {}

    /** The memtables of a segment are going to be flushed. */
    default void flushBegun(SegmentPlace place) {}

    /**
     * The end of what {@link #flushBegun} told, on the same thread.
     *
     * @param traffic {@link RunTraffic#NONE} when it failed, or somebody else had done it
     * @param nanos how long it took, in nanoseconds, with the wait for the segment
     */
    default void flushEnded(SegmentPlace place, RunTraffic traffic, long nanos) {}

    /** Runs of a segment are going to be merged, with its memtables or without. */
    default void compactionBegun(SegmentPlace place) {}

    /**
     * The end of what {@link #compactionBegun} told, on the same thread.
     *
     * @param traffic {@link RunTraffic#NONE} when it failed, or there was nothing to gain
     * @param nanos how long it took, in nanoseconds, with the wait for the segment
     */
    default void compactionEnded(SegmentPlace place, RunTraffic traffic, long nanos) {}

    /**
     * A background task threw.
     *
     * @param place what it was about; segment id 0 when about no segment
     * @param task kind of the task, as in {@link io.cleave.maintenance.TaskKind}
     * @param cause what it threw
     */
    default void taskFailed(SegmentPlace place, String task, Throwable cause) {}

    /**
     * A writer was held up; called before its write goes on or returns.
     *
     * @param store directory of the store
     * @param reason why
     * @param nanos for how long, in nanoseconds
     */
    default void writerStalled(String store, StallReason reason, long nanos) {}

    /**
     * The store is about to close and waits for its users: close what you hold of it.
     *
     * @param store directory of the store
     * @param open cursors, snapshots and batches that are open
     */
    default void storeClosing(String store, int open) {}
}
