package io.cleave.core.parts;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The ledger of a store's parts as it stands on disk. Immutable.
 *
 * @param version how often it was published
 * @param clean true when it was written by a close that left nothing to replay
 * @param sequence the log's last sequence number when it was written
 * @param logFile number of the newest log file when it was written; 0 when there was none
 * @param lines what it tells of each part that the catalog and the key maps name
 */
public record PartsLedger(long version, boolean clean, long sequence, long logFile, SortedMap<PartId, PartLine> lines) {
    /** Name of the file in the store's directory. */
    public static final String FILE_NAME = "parts";

    /** Keeps its own copy of the map. */
    public PartsLedger {
        lines = Collections.unmodifiableSortedMap(new TreeMap<>(lines));
    }

    /** What it tells of a part, or null. */
    public PartLine line(PartId part) {
        return lines.get(part);
    }

    /** Entries in the runs of all segments of an index, as far as they are known. */
    public long entriesOf(int indexId) {
        long entries = 0;
        for (Map.Entry<PartId, PartLine> line : lines.entrySet()) {
            if (line.getKey().indexId() == indexId) {
                entries += Math.max(0, line.getValue().contents().entries());
            }
        }
        return entries;
    }
}
