package io.cleave.bench.micro;

import io.cleave.Durability;
import io.cleave.WriteBatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Puts of 116 bytes over random keys, with the flushes and merges that they cause. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WriteBenchmarks {
    private static final int BATCH_ENTRIES = 1_000;

    /** Survives the end of the process. */
    @Benchmark
    public void putProcess(PreparedStore prepared, EntryKeys keys) {
        put(prepared, keys, Durability.PROCESS);
    }

    /** Lives in memory until it is flushed. */
    @Benchmark
    public void putMemory(PreparedStore prepared, EntryKeys keys) {
        put(prepared, keys, Durability.MEMORY);
    }

    /** An entry of a batch of 1,000. */
    @Benchmark
    @OperationsPerInvocation(BATCH_ENTRIES)
    public void putBatch(PreparedStore prepared, EntryKeys keys) {
        try (WriteBatch batch = prepared.store().batch()) {
            for (int at = 0; at < BATCH_ENTRIES; at++) {
                long number = keys.any(prepared.entries);
                batch.put(prepared.index(), keys.present(number), keys.value(number));
            }
            batch.commit();
        }
    }

    private static void put(PreparedStore prepared, EntryKeys keys, Durability durability) {
        long number = keys.any(prepared.entries);
        prepared.index().put(keys.present(number), keys.value(number), durability);
    }
}
