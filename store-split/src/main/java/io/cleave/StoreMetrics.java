package io.cleave;

import io.cleave.core.metrics.Latency;
import io.cleave.core.resource.MappedStats;
import io.cleave.core.storage.StorageCounters;
import io.cleave.event.RunTraffic;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Figures of a store. Immutable, thread-safe. Read one by one, not at one moment; counted since the store was opened unless a
 * figure says what there is now. What each means for whoever runs the store: docs/operations.md.
 *
 * @param sequence newest sequence number
 * @param operations what users of the store have done
 * @param readers who holds old versions back now
 * @param memtables what is in memory now
 * @param segments what the store consists of now
 * @param indexes the same of each index, by name
 * @param flushes memtables written to runs
 * @param compactions runs merged within a segment
 * @param rewrites segments replaced by new ones
 * @param log write-ahead log
 * @param stalls writers held up, by reason
 * @param mappings mapped files now
 * @param resources run files that are held, that linger, and that wait for their deletion
 * @param leaks handles that were forgotten
 * @param storage what the storage has open and has moved. One storage may serve several stores
 * @param maintenance work in the background
 */
public record StoreMetrics(
        long sequence,
        Operations operations,
        Readers readers,
        Memtables memtables,
        Segments segments,
        SortedMap<String, Index> indexes,
        RunWork flushes,
        RunWork compactions,
        Rewrites rewrites,
        Log log,
        StallStats stalls,
        Mappings mappings,
        MappedStats resources,
        LeakStats leaks,
        StorageCounters storage,
        Maintenance maintenance) {
    /** Keeps its own copy of the map. */
    public StoreMetrics {
        indexes = Collections.unmodifiableSortedMap(new TreeMap<>(indexes));
    }

    /**
     * Bytes written by the log, flushes, compactions and rewrites for each byte of keys and values that was put; 0 when none
     * was. The zeros with which log files are filled ahead are not counted.
     */
    public double writeAmplification() {
        long written = log.bytesAppended()
                + flushes.traffic().bytesOut()
                + compactions.traffic().bytesOut()
                + rewrites.bytesOut();
        return operations.bytesPut() == 0 ? 0 : (double) written / operations.bytesPut();
    }

    /**
     * What users of the store have done. Every operation is counted once it has returned, those that throw are not. Of reads,
     * single puts and deletes, and seeks one in 256 is timed, at random gaps in each thread; all of them while a flight
     * recording has {@code io.cleave.SlowOperation} enabled. Batches are timed one and all.
     *
     * @param gets point reads, those of snapshots included
     * @param puts single puts
     * @param deletes single deletes
     * @param batches commits of batches that were not empty
     * @param batchOperations operations in them
     * @param bytesPut bytes of keys and values in puts, deletes and batches
     * @param cursors work of cursors
     */
    public record Operations(
            Gets gets,
            Timed puts,
            Timed deletes,
            Timed batches,
            long batchOperations,
            long bytesPut,
            Cursors cursors) {}

    /**
     * Point reads.
     *
     * @param hits those that found a value
     * @param absents those that found none
     * @param latency how long both took
     * @param recent how long both took lately, see {@link Timed}
     */
    public record Gets(long hits, long absents, Latency latency, Latency recent) {
        /** All of them. */
        public long count() {
            return hits + absents;
        }
    }

    /**
     * Something counted and timed.
     *
     * @param count how often
     * @param latency how long it took
     * @param recent how long it took in the last half to whole minute, or longer while no maintenance thread is free; without any
     *     that begins with an earlier look at the figures, half a minute ago or more. The maximum is the upper end of a bucket, too
     */
    public record Timed(long count, Latency latency, Latency recent) {}

    /**
     * Work of cursors. Seeks and steps are counted when a cursor leaves a segment or is closed; steps are not timed, because
     * the clock would take as long as they do.
     *
     * @param opened cursors opened
     * @param seeks positionings by key
     * @param steps moves from one entry to the next or the one before
     */
    public record Cursors(long opened, Timed seeks, long steps) {}

    /**
     * Snapshots, cursors and rewrites that are open now. What was overwritten or deleted since the oldest of them stays on disk for
     * as long as it is open, if it shows there.
     *
     * @param open how many
     * @param oldestBehind operations that came after the moment that the oldest of them reads; 0 when none is open
     * @param oldestNanos for how long the oldest has been the oldest, found out once a second; 0 when none is open
     */
    public record Readers(long open, long oldestBehind, long oldestNanos) {}

    /**
     * What is in memory now.
     *
     * @param bytes memory taken, counted by chunks
     * @param bytesMax the budget
     * @param active memtables that take writes and hold something
     * @param sealed memtables that wait for a flush; one that several segments share counts in each
     * @param side memtables that take the writes of segments that are being rewritten
     */
    public record Memtables(long bytes, long bytesMax, int active, int sealed, int side) {
        /** All of them. */
        public int count() {
            return active + sealed + side;
        }
    }

    /**
     * What the store consists of now.
     *
     * @param indexes open indexes
     * @param count segments
     * @param loaded segments that are open
     * @param runs runs of those
     * @param runBytes bytes of their files
     */
    public record Segments(int indexes, int count, int loaded, long runs, long runBytes) {}

    /**
     * What one index consists of now. All but {@code segments} is of those that are loaded; {@link SegmentIndex#stats} knows the
     * others, too.
     *
     * @param segments how many
     * @param loaded segments that are open
     * @param entries in runs and memtables, all versions and tombstones counted
     * @param runs how many
     * @param runBytes bytes of their files
     * @param memtableBytes bytes of entries in memory
     */
    public record Index(int segments, int loaded, long entries, long runs, long runBytes, long memtableBytes) {
        Index with(Index other) {
            return new Index(
                    segments + other.segments,
                    loaded + other.loaded,
                    entries + other.entries,
                    runs + other.runs,
                    runBytes + other.runBytes,
                    memtableBytes + other.memtableBytes);
        }
    }

    /**
     * One kind of work on runs.
     *
     * @param count how often it did something
     * @param traffic bytes and entries read and written
     * @param nanos time it took, in nanoseconds, waits for locks left out; threads add up
     */
    public record RunWork(long count, RunTraffic traffic, long nanos) {}

    /**
     * Segments replaced by new ones.
     *
     * @param splits one by several
     * @param merges neighbours by one
     * @param rewrites one by one
     */
    public record Rewrites(RunWork splits, RunWork merges, RunWork rewrites) {
        /** Bytes of the run files that were written. */
        public long bytesOut() {
            return splits.traffic().bytesOut()
                    + merges.traffic().bytesOut()
                    + rewrites.traffic().bytesOut();
        }
    }

    /**
     * The write-ahead log.
     *
     * @param bytesOnDisk size of its files now
     * @param files how many there are now
     * @param bytesAppended bytes of records and file headers
     * @param syncs syncs, each of which is timed
     */
    public record Log(long bytesOnDisk, int files, long bytesAppended, Timed syncs) {}

    /**
     * Mapped files now.
     *
     * @param count how many
     * @param bytes their size
     */
    public record Mappings(long count, long bytes) {}

    /**
     * Work in the background.
     *
     * @param queued tasks that wait now
     * @param failures tasks that threw
     * @param lastFailure which threw last, and what; empty when none did
     * @param listenerFailures times the listener threw
     */
    public record Maintenance(int queued, long failures, String lastFailure, long listenerFailures) {}
}
