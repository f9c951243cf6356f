package io.cleave.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * What is to be measured.
 *
 * @param entries of the common shape; the others have fewer, see {@link EntryShape#entries}
 * @param runs how often all of it is repeated
 * @param threads the numbers of threads for workloads that are {@link Workload#threaded}
 * @param memoryMib passed on to the engines; empty for what each uses by itself
 * @param heapMib of the Java heap of each process
 * @param directory where the processes get a directory each, which is deleted afterwards
 */
record BenchPlan(
        List<EngineKind> engines,
        List<Workload> workloads,
        List<EntryShape> shapes,
        long entries,
        int runs,
        List<Integer> threads,
        OptionalInt memoryMib,
        int heapMib,
        Path directory) {
    BenchPlan {
        engines = List.copyOf(engines);
        workloads = List.copyOf(workloads);
        shapes = List.copyOf(shapes);
        threads = List.copyOf(threads);
    }

    /** How many processes there will be. */
    int processes() {
        return engines.size() * shapes.size() * runs;
    }

    /** Room that one process may take: stores are copied by compaction, and some engines leave pages half empty. */
    long roomBytes() {
        long largest = 0;
        for (EntryShape shape : shapes) {
            long entryBytes = Math.max(shape.keyBytes(), 40) + (long) shape.valueBytes();
            largest = Math.max(largest, shape.entries(entries) * entryBytes);
        }
        return (1L << 30) + 4 * largest;
    }
}
