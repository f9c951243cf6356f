package io.cleave.bench;

import io.cleave.bench.Crew.Hiring;
import io.cleave.bench.Crew.Job;
import io.cleave.bench.Openings.FirstRead;
import io.cleave.bench.ScanningWorkers.Direction;
import io.cleave.bench.Workload.Data;
import io.cleave.bench.WritingWorkers.Durable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import org.HdrHistogram.Histogram;

/**
 * Runs the workloads of one process, one after the other, and prints what each has yielded. Belongs to one thread, used once.
 *
 * <p>Stores lie in new directories below the given one and are deleted when they are no longer needed.
 */
final class BenchRunner {
    private static final long READS_MAX = 2_000_000;
    private static final long SEEKS_MAX = 1_000_000;
    /** Where data are larger than memory, operations wait for the device, and there are fewer of them. */
    private static final long FEWER_OPERATIONS = 20;

    private static final long SYNCED_PUTS = 5_000;
    private static final long CHANGES_MAX = 1_000_000;
    private static final long PREFIXES_MAX = 2_000;
    /** So many at least, however small the run. */
    private static final long FEW_SYNCED_PUTS = 100;
    /** Large values end some workloads before their count does. */
    private static final long SYNCED_BYTES = 256L << 20;

    private static final long PREFIX_BYTES = 8L << 30;
    private static final int OPENINGS = 5;

    /** A window is so many times smaller than what slides through it. */
    private static final int WINDOWS = 10;
    /** Entries in a queue. */
    private static final long WAITING_MAX = 1_000;
    /** Some stores take longer for each one that was taken before. */
    private static final long TAKES_MAX = 10_000;

    private static final long SESSIONS_MAX = 300;

    private static final int SAMPLE_READS = 16;
    private static final int SAMPLE_PUTS = 4;
    /** A step of a scan costs little more than the clock. */
    private static final int SAMPLE_SCANNED = 256;
    /** From here on an operation costs so much more than the clock that each is timed. */
    private static final int LARGE_VALUE_BYTES = 64 << 10;

    private static final long FEW_OPERATIONS = 10_000;
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int OVERWRITTEN = 2;

    private final ProcessArguments arguments;
    private final EngineOpener opener;
    private final PrintStream out;
    private final Corpus corpus;
    private BenchEngine kept;
    private Path keptDirectory;

    BenchRunner(ProcessArguments arguments, EngineOpener opener, PrintStream out) {
        this.arguments = arguments;
        this.opener = opener;
        this.out = out;
        this.corpus = arguments.corpus();
    }

    void run() throws Exception {
        Files.createDirectories(arguments.directory());
        Set<Workload> workloads = arguments.workloads();
        try {
            for (Workload workload : Workload.values()) {
                if (workloads.contains(workload)) {
                    run(workload);
                }
            }
        } finally {
            dropKept();
        }
    }

    private void run(Workload workload) throws Exception {
        if (workload.data() != Data.OWN) {
            keep(workload);
        }
        for (int threads : workload.threaded() ? arguments.threads() : List.of(1)) {
            switch (workload) {
                case FILL_SEQUENTIAL -> inOwnStore(workload, threads, engine -> fill(workload, engine, n -> n));
                case FILL_BATCH -> inOwnStore(workload, threads, this::fillBatches);
                case FILL_SYNC -> inOwnStore(workload, threads, engine -> fillSynced(engine, threads));
                case FILL_RANDOM -> {
                    // Filled, measured and printed by keep().
                }
                case OPEN_CLEAN -> openClean();
                case OPEN_KILLED -> openKilled();
                case WINDOW -> inOwnStore(workload, threads, this::slide);
                case QUEUE -> inOwnStore(workload, threads, (engine, directory) -> queue(engine));
                case SESSIONS -> sessions();
                default -> inKeptStore(workload, threads);
            }
        }
    }

    private interface Phase {
        Outcome run(BenchEngine engine) throws Exception;
    }

    private interface PhaseInDirectory {
        Outcome run(BenchEngine engine, Path directory) throws Exception;
    }

    private void inOwnStore(Workload workload, int threads, Phase phase) throws Exception {
        inOwnStore(workload, threads, (engine, directory) -> phase.run(engine));
    }

    private void inOwnStore(Workload workload, int threads, PhaseInDirectory phase) throws Exception {
        Path directory = newDirectory(workload);
        long writtenBefore = ProcessFigures.writtenBytesNow();
        try (BenchEngine engine = opener.open(directory)) {
            print(workload, threads, phase.run(engine, directory), written(engine, writtenBefore), directory);
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private void inKeptStore(Workload workload, int threads) throws Exception {
        long writtenBefore = ProcessFigures.writtenBytesNow();
        print(workload, threads, change(workload, threads, kept), written(kept, writtenBefore), keptDirectory);
    }

    /** Fills the store that is read and changed later, unless that was done. */
    private void keep(Workload first) throws Exception {
        if (kept != null) {
            return;
        }
        keptDirectory = newDirectory(Workload.FILL_RANDOM);
        long writtenBefore = ProcessFigures.writtenBytesNow();
        kept = opener.open(keptDirectory);
        Outcome outcome = fill(Workload.FILL_RANDOM, kept, corpus.fillOrder()::at);
        long written = written(kept, writtenBefore);
        if (first == Workload.FILL_RANDOM) {
            print(first, 1, outcome, written, keptDirectory);
        }
    }

    private void dropKept() {
        if (kept != null) {
            kept.close();
            kept = null;
        }
        if (keptDirectory != null) {
            DataDirectory.delete(keptDirectory);
        }
    }

    private Outcome fill(Workload workload, BenchEngine engine, LongUnaryOperator order) throws Exception {
        return crew(
                new Job(workload, 1, corpus.entries(), sampleEvery(SAMPLE_PUTS, corpus.entries()), 0),
                thread -> new WritingWorkers.Puts(engine.session(), corpus.stream(), order, 0, Durable.UNSYNCED));
    }

    private Outcome fillBatches(BenchEngine engine) throws Exception {
        Job job = new Job(Workload.FILL_BATCH, 1, WritingWorkers.Batches.count(corpus), 1, 0);
        return crew(job, thread -> new WritingWorkers.Batches(engine.session(), corpus))
                .withEntries(corpus.entries());
    }

    private Outcome fillSynced(BenchEngine engine, int threads) throws Exception {
        long few = Math.max(FEW_SYNCED_PUTS, corpus.entries() / 10);
        long each = Math.min(
                Math.min(SYNCED_PUTS, few), SYNCED_BYTES / corpus.shape().valueBytes());
        return crew(new Job(Workload.FILL_SYNC, threads, each, 1, 0), thread -> {
            long first = thread * each;
            LongUnaryOperator order = n -> corpus.fillOrder().at((first + n) % corpus.entries());
            return new WritingWorkers.Puts(engine.session(), corpus.stream(), order, 0, Durable.SYNCED);
        });
    }

    private Outcome change(Workload workload, int threads, BenchEngine engine) throws Exception {
        return switch (workload) {
            case READ_HIT -> crew(reads(workload, threads), n -> new ReadingWorkers.Hits(engine.session(), corpus, n));
            case READ_ABSENT ->
                crew(reads(workload, threads), n -> new ReadingWorkers.Misses(engine.session(), corpus, n));
            case SEEK -> seek(engine, threads);
            case SCAN -> scan(workload, engine, Direction.FORWARD);
            case SCAN_REVERSE -> scan(workload, engine, Direction.BACKWARD);
            case SCAN_PREFIX -> scanPrefixes(engine);
            case MIXED -> mix(engine, threads);
            case READ_WHILE_WRITING -> readWhileWriting(engine);
            case OVERWRITE -> overwrite(engine);
            case DELETE -> delete(engine);
            default -> throw new IllegalArgumentException(workload + " has a store of its own");
        };
    }

    private Job reads(Workload workload, int threads) {
        long count = fewer(Math.min(corpus.entries(), READS_MAX));
        return new Job(workload, threads, count, sampleEvery(SAMPLE_READS, count), WARM_UP_NANOS);
    }

    private long fewer(long operations) {
        return Math.max(1, arguments.memoryMib() == 0 ? operations : operations / FEWER_OPERATIONS);
    }

    private Outcome seek(BenchEngine engine, int threads) throws Exception {
        long count = fewer(Math.min(corpus.entries() / 5, SEEKS_MAX));
        Job job = new Job(Workload.SEEK, threads, count, sampleEvery(SAMPLE_READS, count), WARM_UP_NANOS);
        return crew(job, n -> new ReadingWorkers.Seeks(engine.session(), corpus, n));
    }

    private Outcome scan(Workload workload, BenchEngine engine, Direction direction) throws Exception {
        Job job = new Job(workload, 1, corpus.entries(), sampleEvery(SAMPLE_SCANNED, corpus.entries()), WARM_UP_NANOS);
        return crew(job, n -> new ScanningWorkers.Scan(engine.session(), corpus, direction));
    }

    private Outcome scanPrefixes(BenchEngine engine) throws Exception {
        long prefixBytes = EntryStream.PREFIX_ENTRIES * (long) corpus.shape().valueBytes();
        long each = Math.min(PREFIXES_MAX, Math.min(10 * corpus.stream().prefixes(), PREFIX_BYTES / prefixBytes));
        AtomicLong entries = new AtomicLong();
        Job job = new Job(Workload.SCAN_PREFIX, 1, each, 1, WARM_UP_NANOS);
        Outcome outcome = crew(job, n -> new ScanningWorkers.Prefixes(engine.session(), corpus, entries));
        return outcome.withEntries(entries.get());
    }

    private Outcome mix(BenchEngine engine, int threads) throws Exception {
        long count = changes();
        return crew(
                new Job(Workload.MIXED, threads, count, sampleEvery(SAMPLE_PUTS, count), 0),
                n -> new WritingWorkers.Mixed(engine.session(), corpus, n));
    }

    private Outcome readWhileWriting(BenchEngine engine) throws Exception {
        long count = changes();
        Outcome outcome;
        BackgroundWriter writer = new BackgroundWriter(engine, corpus);
        try (writer) {
            Job job = new Job(Workload.READ_WHILE_WRITING, 1, count, sampleEvery(SAMPLE_READS, count), 0, writer::done);
            outcome = crew(job, n -> new ReadingWorkers.Hits(engine.session(), corpus, n));
        }
        return outcome.withUserBytes(writer.userBytes());
    }

    private Outcome overwrite(BenchEngine engine) throws Exception {
        long count = Math.max(1, corpus.entries() * 2 / 5);
        return crew(
                new Job(Workload.OVERWRITE, 1, count, sampleEvery(SAMPLE_PUTS, count), 0),
                n -> new WritingWorkers.Puts(
                        engine.session(), corpus.stream(), corpus.changeOrder()::at, OVERWRITTEN, Durable.UNSYNCED));
    }

    private Outcome delete(BenchEngine engine) throws Exception {
        long count = Math.max(1, corpus.entries() / 5);
        return crew(
                new Job(Workload.DELETE, 1, count, sampleEvery(SAMPLE_PUTS, count), 0),
                n -> new WritingWorkers.Deletes(engine.session(), corpus));
    }

    private void openClean() throws Exception {
        long writtenBefore = ProcessFigures.writtenBytesNow();
        Openings openings = new Openings(opener, keptDirectory, corpus, FirstRead.OF_ANY);
        for (int at = 0; at < OPENINGS; at++) {
            kept.close();
            // None is open when the next fails to open.
            kept = null;
            kept = openings.open();
        }
        print(Workload.OPEN_CLEAN, 1, openings.outcome(), written(kept, writtenBefore), keptDirectory);
    }

    private void openKilled() throws Exception {
        Path directory = newDirectory(Workload.OPEN_KILLED);
        try {
            KilledStore.make(arguments, directory);
            long writtenBefore = ProcessFigures.writtenBytesNow();
            Openings openings = new Openings(opener, directory, corpus, FirstRead.OF_WRITTEN);
            try (BenchEngine engine = openings.open()) {
                print(Workload.OPEN_KILLED, 1, openings.outcome(), written(engine, writtenBefore), directory);
            }
        } finally {
            DataDirectory.delete(directory);
        }
    }

    private Outcome slide(BenchEngine engine, Path directory) throws Exception {
        long entries = corpus.entries();
        AtomicLong mostBytes = new AtomicLong();
        Job job = new Job(Workload.WINDOW, 1, entries, sampleEvery(SAMPLE_PUTS, entries), 0, mostBytes::get);
        long window = Math.max(1, entries / WINDOWS);
        return crew(
                job,
                n -> new TurnoverWorkers.Window(
                        engine.session(), corpus.stream(), window, entries, directory, mostBytes));
    }

    private Outcome queue(BenchEngine engine) throws Exception {
        long takes = Math.max(1, Math.min(TAKES_MAX, corpus.entries() / 10));
        return crew(
                new Job(Workload.QUEUE, 1, takes, 1, 0),
                n -> new TurnoverWorkers.Queue(
                        engine.session(), corpus.stream(), Math.min(WAITING_MAX, corpus.entries() / 10)));
    }

    private void sessions() throws Exception {
        Path directory = newDirectory(Workload.SESSIONS);
        try {
            long writtenBefore = ProcessFigures.writtenBytesNow();
            long sessions = Math.max(1, Math.min(SESSIONS_MAX, corpus.entries() / 100));
            Outcome outcome = ShortSessions.run(opener, directory, corpus, sessions);
            print(Workload.SESSIONS, 1, outcome, ProcessFigures.writtenBytesNow() - writtenBefore, directory);
        } finally {
            DataDirectory.delete(directory);
        }
    }

    /** How often a store is read and changed at once. */
    private long changes() {
        return fewer(Math.min(corpus.shape().entries(CHANGES_MAX), 4 * corpus.entries()));
    }

    private int sampleEvery(int usually, long operations) {
        boolean each = corpus.shape().valueBytes() >= LARGE_VALUE_BYTES || operations <= FEW_OPERATIONS;
        return each ? 1 : usually;
    }

    private Outcome crew(Job job, Hiring hiring) throws Exception {
        return Crew.run(job, hiring, out);
    }

    private Path newDirectory(Workload workload) throws IOException {
        return Files.createTempDirectory(arguments.directory(), workload.label() + "-");
    }

    /**
     * What was written since a reading once the store has come to rest. For a new store that reading is from before it was
     * opened: what is preallocated then and overwritten through a mapping later counts once, at the opening.
     */
    private static long written(BenchEngine engine, long before) throws Exception {
        engine.settle();
        return ProcessFigures.writtenBytesNow() - before;
    }

    private void print(Workload workload, int threads, Outcome outcome, long writtenBytes, Path directory)
            throws IOException {
        Histogram latencies = outcome.latencies();
        Measurement measurement = new Measurement(
                arguments.engine(),
                arguments.shape(),
                workload,
                arguments.run(),
                threads,
                outcome.entries(),
                outcome.nanos(),
                outcome.otherOperations(),
                outcome.cpuNanos(),
                outcome.userBytes(),
                writtenBytes,
                ProcessFigures.allocatedBytes(directory),
                outcome.figures().residentBytes(),
                outcome.figures().anonymousBytes(),
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue());
        out.println("result " + measurement.line());
    }
}
