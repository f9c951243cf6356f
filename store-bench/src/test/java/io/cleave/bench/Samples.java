package io.cleave.bench;

import java.util.ArrayList;
import java.util.List;

/** Measurements with known numbers. */
final class Samples {
    static final Machine MACHINE =
            new Machine("Some <fast> CPU & more", 2, 24L << 30, "ext4", "17.0.15+6, OpenJDK", "Linux 6.1.0");

    private Samples() {}

    /** So many operations in one second; the other fields follow from the rate. */
    static Measurement of(EngineKind engine, Workload workload, int run, long operations) {
        return of(engine, new WorkloadRow(workload, 1), run, operations, 1_000_000_000L);
    }

    static Measurement of(EngineKind engine, WorkloadRow row, int run, long operations, long nanos) {
        return new Measurement(
                engine,
                EntryShape.POINT,
                row.workload(),
                run,
                row.threads(),
                operations,
                nanos,
                switch (row.workload()) {
                    case READ_WHILE_WRITING -> operations / 10;
                    case WINDOW -> 64L << 20;
                    default -> 0;
                },
                2 * nanos,
                116 * operations,
                290 * operations,
                64L << 20,
                300L << 20,
                100L << 20,
                1_234,
                25_000,
                3_500_000,
                1_200_000_000);
    }

    /** Every workload once for each of these engines, the threaded ones also with two threads. */
    static List<Measurement> everything(EngineKind... engines) {
        List<Measurement> all = new ArrayList<>();
        for (EngineKind engine : engines) {
            for (Workload workload : Workload.values()) {
                boolean isOpen = workload.name().startsWith("OPEN") || workload == Workload.SESSIONS;
                long operations = (isOpen ? 20 : 1_000_000) + 100_000 * rank(engine);
                for (int run = 1; run <= 3; run++) {
                    all.add(of(engine, workload, run, operations + run));
                    if (workload.threaded()) {
                        all.add(of(engine, new WorkloadRow(workload, 2), run, 2 * operations, 1_000_000_000L));
                    }
                }
            }
        }
        return all;
    }

    /** 1 for the first of them. */
    static long rank(EngineKind engine) {
        return 1L + List.of(EngineKind.values()).indexOf(engine);
    }

    static Report report(List<Measurement> measurements) {
        return new Report(
                MACHINE,
                "2026-01-02T03:04:05Z",
                "./cleave bench --runs 3",
                1_000_000,
                measurements,
                List.of("run 1/3 point lmdb: exit code 1"));
    }
}
