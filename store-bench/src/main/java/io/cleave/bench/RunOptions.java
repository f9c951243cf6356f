package io.cleave.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what is measured. Belongs to one thread. */
final class RunOptions {
    private static final int RUNS_MAX = 100;
    private static final int THREADS_MAX = 1_024;
    private static final int HEAP_MIB_MIN = 64;
    private static final String ALL = "all";

    @Option(
            names = "--engines",
            split = ",",
            paramLabel = "ENGINE",
            converter = EngineConverter.class,
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "What is compared: cleave, cleave-plain, cleave-lz4, rocksdb, lmdb, mvstore."
                    + " Default: cleave,cleave-lz4,rocksdb,lmdb.")
    private List<EngineKind> engines;

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "WORKLOAD",
            completionCandidates = WorkloadCandidates.class,
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "What is measured: all, or some of ${COMPLETION-CANDIDATES}. Default: all.")
    private List<String> workloads;

    @Option(
            names = "--shapes",
            split = ",",
            paramLabel = "SHAPE",
            converter = ShapeConverter.class,
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Keys and values: point (16 and 100 bytes), small (16 and 8), string (string keys, 100),"
                    + " page (16, 4 KiB), blob (16, 1 MiB). Default: point.")
    private List<EntryShape> shapes;

    @Option(
            names = "--entries",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Entries of the shape point; larger shapes have fewer.")
    private long entries;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "How often everything is repeated.")
    private int runs;

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N",
            defaultValue = "1",
            description = "Numbers of threads for random reads, seeks, synced puts and the mix, such as 1,2.")
    private List<Integer> threads;

    @Option(
            names = "--memory-mib",
            paramLabel = "M",
            description =
                    "Memory that each engine may live with, where entries are larger than memory; default: what suits"
                            + " each.")
    private Integer memoryMib;

    @Option(names = "--heap-mib", paramLabel = "H", defaultValue = "1024", description = "Java heap of each process.")
    private int heapMib;

    @Mixin
    private DataPlace place;

    /** The plan they make; throws {@link UsageException} when they make none. Creates the directory. */
    BenchPlan plan() {
        ArgumentRange.check("--entries", entries, 1, 1L << 40);
        ArgumentRange.check("--runs", runs, 1, RUNS_MAX);
        threads.forEach(number -> ArgumentRange.check("--threads", number, 1, THREADS_MAX));
        ArgumentRange.check("--heap-mib", heapMib, HEAP_MIB_MIN, 1 << 20);
        if (memoryMib != null) {
            ArgumentRange.check("--memory-mib", memoryMib, 1, 1 << 20);
        }
        BenchPlan plan = new BenchPlan(
                engines == null
                        ? List.of(EngineKind.CLEAVE, EngineKind.CLEAVE_LZ4, EngineKind.ROCKSDB, EngineKind.LMDB)
                        : engines(),
                workloads == null ? Arrays.asList(Workload.values()) : workloads(),
                shapes == null ? List.of(EntryShape.POINT) : shapes(),
                entries,
                runs,
                threads.stream().distinct().toList(),
                memoryMib == null ? OptionalInt.empty() : OptionalInt.of(memoryMib),
                heapMib,
                place.directory());
        place.requireRoom(plan.roomBytes());
        return plan;
    }

    /** Those that were named, none for all. */
    List<EngineKind> engines() {
        return engines == null ? List.of() : engines.stream().distinct().toList();
    }

    /** Those that were named, none for all; in the order in which they are measured. */
    List<Workload> workloads() {
        return workloads == null
                ? List.of()
                : workloads.stream()
                        .flatMap(RunOptions::workloads)
                        .distinct()
                        .sorted()
                        .toList();
    }

    private static Stream<Workload> workloads(String word) {
        try {
            return word.equals(ALL) ? Arrays.stream(Workload.values()) : Stream.of(Workload.of(word));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--workloads: " + e.getMessage() + ", " + ALL);
        }
    }

    /** Those that were named, none for all. */
    List<EntryShape> shapes() {
        return shapes == null ? List.of() : shapes.stream().distinct().toList();
    }

    private static final class EngineConverter implements ITypeConverter<EngineKind> {
        @Override
        public EngineKind convert(String value) {
            try {
                return EngineKind.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class WorkloadCandidates extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        WorkloadCandidates() {
            super(Arrays.stream(Workload.values()).map(Workload::label).toList());
        }
    }

    private static final class ShapeConverter implements ITypeConverter<EntryShape> {
        @Override
        public EntryShape convert(String value) {
            try {
                return EntryShape.of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
