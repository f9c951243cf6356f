package io.cleave.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link ScaleRun} measures.
 *
 * @param entries sizes of the stores of the first table
 * @param segments numbers of segments wanted in the second
 * @param segmentEntries size of the stores of the second
 * @param threads numbers of threads of the third
 * @param operations of each kind and thread that are measured, after half as many to warm up
 * @param directory where the stores are made
 */
record ScalePlan(
        List<Long> entries,
        List<Integer> segments,
        long segmentEntries,
        List<Integer> threads,
        long operations,
        Path directory) {
    /** The third table is of no larger store, if there is a smaller one. */
    private static final long THREADED_ENTRIES_MAX = 3_000_000;

    ScalePlan {
        entries = List.copyOf(entries);
        segments = List.copyOf(segments);
        threads = List.copyOf(threads);
    }

    /** Which store of the first table is kept for the third: the largest that is no larger than need be. */
    long threadedEntries() {
        return entries.stream()
                .filter(number -> number <= THREADED_ENTRIES_MAX)
                .max(Long::compare)
                .orElseGet(() -> entries.stream().min(Long::compare).orElseThrow());
    }
}
