package io.cleave.inspect;

import io.cleave.core.run.RunProperties;
import io.cleave.core.segment.RunGarbage;
import io.cleave.core.segment.SegmentManifest;
import java.nio.file.Path;
import java.util.List;

/**
 * A segment as its manifest and the properties of its runs tell it. Immutable.
 *
 * @param directory where it is
 * @param manifest its manifest
 * @param runs its live runs, newest first
 */
public record SegmentLook(Path directory, SegmentManifest manifest, List<RunLook> runs) {
    /**
     * A live run.
     *
     * @param file where it is
     * @param runNumber its number
     * @param properties what it holds
     */
    public record RunLook(Path file, long runNumber, RunProperties properties) {}

    /** Keeps its own copy of the list. */
    public SegmentLook {
        runs = List.copyOf(runs);
    }

    /** Its id. */
    public long segmentId() {
        return manifest.segmentId();
    }

    /** Entries in its runs, all versions and tombstones counted. */
    public long entries() {
        return runs.stream().mapToLong(run -> run.properties().entries()).sum();
    }

    /** Tombstones in its runs. */
    public long tombstones() {
        return runs.stream().mapToLong(run -> run.properties().tombstones()).sum();
    }

    /** Entries that a scan would show, by the counts alone: exact when all is in one run without tombstones. */
    public long liveEntries() {
        return RunGarbage.of(runs.stream().map(RunLook::properties).toList(), Long.MAX_VALUE)
                .liveEntries();
    }

    /** Bytes of its run files. */
    public long runBytes() {
        return runs.stream().mapToLong(run -> run.properties().fileBytes()).sum();
    }
}
