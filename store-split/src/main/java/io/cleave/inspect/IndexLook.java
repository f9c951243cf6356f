package io.cleave.inspect;

import io.cleave.catalog.StoreLayout;
import io.cleave.route.KeyMap;
import java.nio.file.Path;
import java.util.List;

/**
 * An index as its key map and its segments tell it. Immutable. What is only in the log is not counted.
 *
 * @param name its name
 * @param directory where it is
 * @param keyMap its key map; null when it can't be read
 * @param segments its segments in key order, with the runs that can be read
 * @param unread what can't be read of it; empty unless the store is damaged
 */
public record IndexLook(String name, Path directory, KeyMap keyMap, List<SegmentLook> segments, List<Finding> unread) {
    /** Keeps its own copies of the lists. */
    public IndexLook {
        segments = List.copyOf(segments);
        unread = List.copyOf(unread);
    }

    /** An index of which everything can be read. */
    public IndexLook(String name, Path directory, KeyMap keyMap, List<SegmentLook> segments) {
        this(name, directory, keyMap, segments, List.of());
    }

    /** Its id: by its key map, or by the name of its directory. */
    public int indexId() {
        String directoryName = String.valueOf(directory.getFileName());
        return keyMap == null ? StoreLayout.parseIndex(directoryName).orElse(0) : keyMap.indexId();
    }

    /** Version of its key map, 0 when that can't be read. */
    public long keyMapVersion() {
        return keyMap == null ? 0 : keyMap.version();
    }

    /** Entries in all runs, all versions and tombstones counted. */
    public long entries() {
        return segments.stream().mapToLong(SegmentLook::entries).sum();
    }

    /** Tombstones in all runs. */
    public long tombstones() {
        return segments.stream().mapToLong(SegmentLook::tombstones).sum();
    }

    /** Entries that a scan would show, by the counts alone; see {@link SegmentLook#liveEntries}. */
    public long liveEntries() {
        return segments.stream().mapToLong(SegmentLook::liveEntries).sum();
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
