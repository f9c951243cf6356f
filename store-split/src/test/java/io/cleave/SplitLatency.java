package io.cleave;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Prints put latencies while segments split all the time, beside the same load without splits, alternating. A program, not a
 * test: {@code java -cp ... io.cleave.SplitLatency [puts] [rounds]}. One writer, 16-byte keys at random, 100-byte values.
 */
final class SplitLatency {
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 100;

    private SplitLatency() {}

    public static void main(String[] arguments) throws IOException {
        int puts = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        System.out.printf(
                "%-10s %8s %8s %8s %8s %10s %8s %9s%n",
                "load", "splits", "p50 us", "p99 us", "p99.9", "max us", "puts/s", "slowdowns");
        for (int round = 0; round < rounds; round++) {
            run("splits", puts, 1L << 20, round);
            run("no splits", puts, 1L << 30, round);
        }
    }

    private static void run(String label, int puts, long segmentBytesMax, int seed) throws IOException {
        Path directory = Files.createTempDirectory("cleave-latency");
        StoreOptions options = StoreOptions.builder()
                .segmentBytesMax(segmentBytesMax)
                .segmentMemtableBytesMax(1L << 20)
                .build();
        long[] nanos = new long[puts];
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("main");
            SplittableRandom random = new SplittableRandom(seed);
            byte[] key = new byte[KEY_BYTES];
            byte[] value = new byte[VALUE_BYTES];
            long begin = System.nanoTime();
            for (int i = 0; i < puts; i++) {
                random.nextBytes(key);
                long start = System.nanoTime();
                index.put(key, value);
                nanos[i] = System.nanoTime() - start;
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            Arrays.sort(nanos);
            StoreStats stats = store.stats();
            System.out.printf(
                    "%-10s %8d %8.1f %8.1f %8.1f %10.1f %8.0f %9d%n",
                    label,
                    stats.splits(),
                    at(nanos, 0.5),
                    at(nanos, 0.99),
                    at(nanos, 0.999),
                    at(nanos, 1),
                    puts / seconds,
                    stats.stalls().memorySlowdowns()
                            + stats.stalls().memoryStops()
                            + stats.stalls().deltaSlowdowns());
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))] / 1e3;
    }
}
