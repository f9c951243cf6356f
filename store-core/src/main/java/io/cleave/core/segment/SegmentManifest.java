package io.cleave.core.segment;

import io.cleave.core.entry.KeyBounds;
import java.util.List;

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
     */
    public record RunEntry(long runNumber, long fileBytes) {}

    /** Keeps its own copy of the list. */
    public SegmentManifest {
        runs = List.copyOf(runs);
    }

    /** The manifest of a new segment without entries up to {@code flushedSequence}. */
    public static SegmentManifest empty(int indexId, long segmentId, KeyBounds bounds, long flushedSequence) {
        return new SegmentManifest(indexId, segmentId, bounds, flushedSequence, 1, List.of());
    }
}
