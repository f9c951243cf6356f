package io.cleave.inspect;

import io.cleave.route.KeyMap;
import java.nio.file.Path;
import java.util.List;

/**
 * An index as its key map and its segments tell it. Immutable. What is only in the log is not counted.
 *
 * @param name its name
 * @param directory where it is
 * @param keyMap its key map
 * @param segments its segments in key order
 */
public record IndexLook(String name, Path directory, KeyMap keyMap, List<SegmentLook> segments) {
    /** Keeps its own copy of the list. */
    public IndexLook {
        segments = List.copyOf(segments);
    }

    /** Entries in all runs, all versions and tombstones counted. */
    public long entries() {
        return segments.stream().mapToLong(SegmentLook::entries).sum();
    }

    /** Runs in all segments. */
    public long runs() {
        return segments.stream().mapToLong(segment -> segment.runs().size()).sum();
    }

    /** Bytes of all run files. */
    public long runBytes() {
        return segments.stream().mapToLong(SegmentLook::runBytes).sum();
    }
}
