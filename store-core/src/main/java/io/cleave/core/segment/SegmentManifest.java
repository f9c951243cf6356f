package io.cleave.core.segment;

import io.cleave.core.entry.KeyBounds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What is durable of a segment: which runs are live, and up to which sequence number they hold everything.
 *
 * @param indexId the index it belongs to
 * @param segmentId its own id
 * @param bounds keys it may hold
 * @param flushedSequence entries up to here are in the runs; recovery skips them
 * @param nextRunNumber no file of this segment has had this number
 * @param runs live runs, newest first; the last is the main run
 */
public record SegmentManifest(
        int indexId, long segmentId, KeyBounds bounds, long flushedSequence, long nextRunNumber, List<RunEntry> runs) {
    /** Name of the file in the segment's directory. */
    public static final String FILE_NAME = "manifest";

    /**
     * A live run.
     *
     * @param runNumber its number, part of its file name and identity
     * @param fileBytes length of its file
     * @param entries entries in it, all versions and tombstones counted, or {@link #ENTRIES_UNKNOWN}
     */
    public record RunEntry(long runNumber, long fileBytes, long entries) {
        /** A manifest of level 1 does not tell the entries of its runs. */
        public static final long ENTRIES_UNKNOWN = -1;

        /** A run of which nothing tells how many entries it has. */
        public RunEntry(long runNumber, long fileBytes) {
            this(runNumber, fileBytes, ENTRIES_UNKNOWN);
        }
    }

    /** Keeps its own copy of the list. */
    public SegmentManifest {
        runs = List.copyOf(runs);
    }

    /** The manifest of a new segment without entries up to {@code flushedSequence}. */
    public static SegmentManifest empty(int indexId, long segmentId, KeyBounds bounds, long flushedSequence) {
        return new SegmentManifest(indexId, segmentId, bounds, flushedSequence, 1, List.of());
    }

    /** Entries of all runs, or {@link RunEntry#ENTRIES_UNKNOWN} when one of them does not tell. */
    public long entries() {
        long entries = 0;
        for (RunEntry run : runs) {
            entries += run.entries();
            if (run.entries() < 0 || entries < 0) {
                return RunEntry.ENTRIES_UNKNOWN;
            }
        }
        return entries;
    }

    /** The same manifest that tells the entries of all runs; {@code entriesOf} gives those of a run of which it tells none. */
    public SegmentManifest withEntries(LongUnaryOperator entriesOf) {
        List<RunEntry> told = new ArrayList<>();
        for (RunEntry run : runs) {
            boolean known = run.entries() >= 0;
            long entries = known ? run.entries() : entriesOf.applyAsLong(run.runNumber());
            told.add(new RunEntry(run.runNumber(), run.fileBytes(), entries));
        }
        return new SegmentManifest(indexId, segmentId, bounds, flushedSequence, nextRunNumber, told);
    }

    /** Bytes of all run files, at least 0 whatever the manifest tells. */
    public long runBytes() {
        return Math.max(0, runs.stream().mapToLong(RunEntry::fileBytes).sum());
    }
}
