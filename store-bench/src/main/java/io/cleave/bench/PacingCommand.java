package io.cleave.bench;

import io.cleave.StallStats;
import io.cleave.StoreOptions;
import io.cleave.StoreStats;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code cleave bench pacing}: whether a store that is written to without a break keeps its speed. One thread puts keys drawn
 * evenly at random, so that ever more puts overwrite, as fast as the store takes them. Measured are the puts of each part of
 * the run, the time of every single put, what the process writes for them until the store has come to rest, its memory, and
 * how often and how long Cleave held up the writer.
 *
 * <p>The store runs in this process. Belongs to one thread.
 */
@Command(
        name = "pacing",
        mixinStandardHelpOptions = true,
        version = "cleave bench, Java ${java.version}",
        showDefaultValues = true,
        description = "Put random keys at full speed for a time: does the speed hold, how long are the pauses?")
final class PacingCommand implements Callable<Integer> {
    private static final int SECONDS_MAX = 7 * 24 * 60 * 60;

    private static final long SYNC_MILLIS_MAX = 3_600_000;
    private static final int SEGMENT_KIB_MAX = 1 << 20;

    @ParentCommand
    private Bench bench;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "cleave",
            description = "What is measured: cleave, cleave-plain, cleave-lz4, rocksdb, lmdb, mvstore.")
    private String engineName;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "600", description = "How long it puts.")
    private int seconds;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "20000000",
            description = "Different keys of the shape point; larger shapes have fewer.")
    private long keys;

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            defaultValue = "point",
            description = "Keys and values: point (16 and 100 bytes), small (16 and 8), string (string keys, 100),"
                    + " page (16, 4 KiB), blob (16, 1 MiB).")
    private String shapeName;

    @Option(
            names = "--segment-kib",
            paramLabel = "K",
            description =
                    "Cleave only: segments above so many KiB are split, so that with few they are split all the time;"
                            + " default: that of the options.")
    private Integer segmentKib;

    @Option(
            names = "--sync-millis",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "The store is synced so often; 0 leaves it to the store. Cleave syncs its log every second by itself.")
    private long syncMillis;

    @Mixin
    private DataPlace place;

    @Override
    public Integer call() throws Exception {
        ArgumentRange.check("--seconds", seconds, 1, SECONDS_MAX);
        ArgumentRange.check("--keys", keys, 1, 1L << 40);
        ArgumentRange.check("--sync-millis", syncMillis, 0, SYNC_MILLIS_MAX);
        EntryShape shape = shape();
        EngineKind kind = engine();
        Corpus corpus = new Corpus(shape, shape.entries(keys));
        Path directory = place.newDirectory("pacing-", corpus.bytes());
        try {
            Machine machine = Machine.ofProcess(directory);
            PacedRun.Result result = measure(corpus, opener(kind, corpus), directory);
            PrintStream out = bench.console().out();
            out.println("pacing: " + kind.label() + ", " + shape.label() + ", " + Quantity.count(corpus.entries())
                    + " keys, " + Quantity.count(seconds) + " s, heap of at most "
                    + Quantity.bytes((double) Runtime.getRuntime().maxMemory()));
            out.println();
            out.print(table(result.pace()));
            out.println();
            out.print(figures(result));
            result.stats().ifPresent(stats -> out.print(stalls(stats, result.putBytes())));
            out.print(ReportText.folded("machine: " + machine.text()));
            out.flush();
        } finally {
            DataDirectory.delete(directory);
        }
        return Bench.OK;
    }

    private PacedRun.Result measure(Corpus corpus, EngineOpener opener, Path directory) throws Exception {
        PacedRun run = new PacedRun(corpus, seconds, syncMillis, bench.console().err());
        try (BenchEngine store = opener.open(directory)) {
            return run.run(store);
        }
    }

    private EngineOpener opener(EngineKind kind, Corpus corpus) {
        if (segmentKib == null) {
            return EngineOpener.of(kind, corpus, 0);
        }
        ArgumentRange.check("--segment-kib", segmentKib, 1, SEGMENT_KIB_MAX);
        if (kind.rival()) {
            throw new UsageException("--segment-kib: only Cleave has segments, found --engine " + kind.label());
        }
        StoreOptions options = CleaveEngine.options(kind)
                .segmentBytesMax((long) segmentKib << 10)
                .build();
        return directory -> CleaveEngine.open(directory, options);
    }

    private EngineKind engine() {
        EngineKind kind;
        try {
            kind = EngineKind.of(engineName);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--engine: " + e.getMessage());
        }
        if (kind == EngineKind.LMDB && !LmdbEngine.isUsable()) {
            throw new UsageException("--engine: lmdb in this process needs CLEAVE_JAVA_OPTS='--add-opens"
                    + " java.base/java.nio=ALL-UNNAMED --add-opens java.base/sun.nio.ch=ALL-UNNAMED'");
        }
        return kind;
    }

    private EntryShape shape() {
        try {
            return EntryShape.of(shapeName);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--shape: " + e.getMessage());
        }
    }

    private static String table(Pace pace) {
        TextTable table = new TextTable(0, List.of(pace.rowName(), "puts/s", "p99.9", "longest put"));
        int number = 1;
        for (Pace.Row row : pace.rows()) {
            boolean isEmpty = row.puts() == 0;
            table.row(List.of(
                    Integer.toString(number++),
                    Quantity.rate(row.putsPerSecond()),
                    isEmpty ? "-" : time(row.p999Nanos()),
                    isEmpty ? "-" : time(row.longestNanos())));
        }
        return table.text();
    }

    private String figures(PacedRun.Result result) {
        Pace pace = result.pace();
        long[] pauses = pace.pauses();
        double share = pace.lastToFirst();
        TextTable table = new TextTable(1, List.of("in all", ""));
        row(table, "puts", Quantity.count(pace.puts()));
        row(table, "puts/s", Quantity.rate((double) pace.puts() / seconds));
        row(
                table,
                "last " + pace.rowName() + " against first",
                Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f %%", 100 * share) : "-");
        row(table, "longest pause", time(pace.longestNanos()));
        row(table, "longest pause began at", Quantity.digits(pace.longestBeganNanos() / 1e9) + " s");
        row(table, "puts above 1 ms", Quantity.count(pauses[0]));
        row(table, "puts above 10 ms", Quantity.count(pauses[1]));
        row(table, "puts above 100 ms", Quantity.count(pauses[2]));
        bytes(table, "bytes put", result.putBytes());
        bytes(table, "bytes written until at rest", result.writtenBytes());
        row(table, "bytes written per byte put", perByte(result.writtenBytes(), result.putBytes()));
        row(table, "at rest after", time(result.settleNanos()));
        bytes(table, "resident memory, highest", result.highestResidentBytes());
        bytes(table, "resident memory, at the end", result.atEnd().residentBytes());
        bytes(table, "anonymous memory, highest", result.highestAnonymousBytes());
        bytes(table, "anonymous memory, at the end", result.atEnd().anonymousBytes());
        return table.text();
    }

    /** What only Cleave tells. */
    private static String stalls(StoreStats stats, long putBytes) {
        StallStats stalls = stats.stalls();
        TextTable table = new TextTable(1, List.of("cleave held up the writer", "times", "together"));
        table.row(List.of(
                "slowed, memtables near their budget",
                Quantity.count(stalls.memorySlowdowns()),
                time(stalls.memorySlowdownNanos())));
        table.row(List.of(
                "stopped, memtables at their budget",
                Quantity.count(stalls.memoryStops()),
                time(stalls.memoryStopNanos())));
        table.row(List.of(
                "slowed, too many delta runs",
                Quantity.count(stalls.deltaSlowdowns()),
                time(stalls.deltaSlowdownNanos())));
        return "\n" + table.text()
                + ReportText.folded("flushes: " + Quantity.count(stats.flushes()) + ", compactions: "
                        + Quantity.count(stats.compactions()) + ", splits: " + Quantity.count(stats.splits())
                        + ", failures: " + Quantity.count(stats.failures()) + ", handed to the system per byte put: "
                        + perByte(stats.bytesWritten(), putBytes));
    }

    private static String perByte(long written, long put) {
        return Quantity.digits((double) written / put);
    }

    private static String time(long nanos) {
        return Quantity.time((double) nanos);
    }

    private static void bytes(TextTable table, String title, long bytes) {
        row(table, title, Quantity.bytes((double) bytes));
    }

    private static void row(TextTable table, String title, String figure) {
        table.row(List.of(title, figure));
    }
}
