package io.cleave.tools;

import io.cleave.inspect.IndexLook;
import io.cleave.inspect.LogDebt;
import io.cleave.log.LogFileInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a store's files say at one moment: for each index, and of the log. Immutable.
 *
 * @param indexes by name
 * @param logFiles files of the log
 * @param logBytes their length, which they have from the beginning
 * @param operationsNotInRuns about how many operations are only in the log
 */
record StoreSample(Map<String, Amounts> indexes, long logFiles, long logBytes, long operationsNotInRuns) {
    /** One whose log holds nothing that is not in runs. */
    StoreSample(Map<String, Amounts> indexes, long logFiles, long logBytes) {
        this(indexes, logFiles, logBytes, 0);
    }

    /**
     * Amounts, or the change from earlier ones.
     *
     * @param entries all versions and tombstones counted
     * @param bytes of files
     * @param runs how many
     * @param segments how many
     */
    record Amounts(long entries, long bytes, long runs, long segments) {
        static final Amounts NONE = new Amounts(0, 0, 0, 0);

        Amounts plus(Amounts other) {
            return new Amounts(
                    entries + other.entries, bytes + other.bytes, runs + other.runs, segments + other.segments);
        }

        Amounts minus(Amounts other) {
            return new Amounts(
                    entries - other.entries, bytes - other.bytes, runs - other.runs, segments - other.segments);
        }
    }

    /** Keeps its own, sorted copy of the map. */
    StoreSample {
        indexes = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(indexes));
    }

    /** Adds up what was seen, without what only the log holds. */
    static StoreSample of(List<IndexLook> looks, List<LogFileInfo> log) {
        return of(looks, log, LogDebt.NONE);
    }

    /** Adds up what was seen. */
    static StoreSample of(List<IndexLook> looks, List<LogFileInfo> log, LogDebt debt) {
        Map<String, Amounts> indexes = new TreeMap<>();
        for (IndexLook look : looks) {
            int segments = look.segments().size();
            indexes.put(look.name(), new Amounts(look.entries(), look.runBytes(), look.runs(), segments));
        }
        long logBytes = log.stream().mapToLong(LogFileInfo::bytes).sum();
        return new StoreSample(indexes, log.size(), logBytes, debt.operations());
    }

    /** All indexes together; the log is not in it. */
    Amounts total() {
        return indexes.values().stream().reduce(Amounts.NONE, Amounts::plus);
    }

    /** An index; nothing when it is not there. */
    Amounts index(String name) {
        return indexes.getOrDefault(name, Amounts.NONE);
    }
}
