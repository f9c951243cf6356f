package io.cleave.bench.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Lookups of random keys. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadBenchmarks {
    /** A present key into an array of the caller. */
    @Benchmark
    public int getIntoTarget(PreparedStore prepared, EntryKeys keys, ReadTarget target) {
        return prepared.index().get(keys.present(keys.any(prepared.entries)), target.bytes());
    }

    /** An absent key between present ones. */
    @Benchmark
    public int getAbsent(PreparedStore prepared, EntryKeys keys, ReadTarget target) {
        return prepared.index().get(keys.absent(keys.any(prepared.entries)), target.bytes());
    }

    /** A present key into a new array. */
    @Benchmark
    public byte[] getNewArray(PreparedStore prepared, EntryKeys keys) {
        return prepared.index().get(keys.present(keys.any(prepared.entries)));
    }

    /** Whether a present key is there. */
    @Benchmark
    public boolean containsKey(PreparedStore prepared, EntryKeys keys) {
        return prepared.index().containsKey(keys.present(keys.any(prepared.entries)));
    }
}
