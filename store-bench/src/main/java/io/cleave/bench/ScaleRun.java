package io.cleave.bench;

import io.cleave.StoreOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Measures Cleave at several sizes, cut into several numbers of segments, and with several numbers of threads; prints a table
 * of each as soon as it is there. Belongs to one thread, used once.
 *
 * <p>Stores are filled at random in batches of 1,000 and measured once they are at rest, with the file cache as the filling
 * left it. Each lies in a directory of its own; who made the plan deletes what is left of them.
 */
final class ScaleRun implements AutoCloseable {
    private static final EntryShape SHAPE = EntryShape.POINT;
    private static final int OPENINGS = 5;

    /** What an entry takes in a run: key, value, its share of the indexes. */
    private static final double ENTRY_BYTES = 130;
    /** How full segments are after a random fill: most have been split of late, into parts little more than half full. */
    private static final double FILLED_SHARE = 0.55;

    private static final long SEGMENT_BYTES_LEAST = 1 << 10;
    private static final long SEGMENT_BYTES_MOST = 1 << 30;
    private static final int OPEN_SEGMENTS_LEAST = 1_000;
    private static final int OPEN_SEGMENTS_MOST = 10_000;

    private final ScalePlan plan;
    private final PrintStream out;
    private final PrintStream progress;
    private final ScaleTrial trial;
    private Path threadedDirectory;

    ScaleRun(ScalePlan plan, PrintStream out, PrintStream progress) {
        this.plan = plan;
        this.out = out;
        this.progress = progress;
        this.trial = new ScaleTrial(plan.operations());
    }

    void run() throws Exception {
        print("by entries, 1 thread, ns per operation", bySize());
        print(
                "by segments, " + Quantity.count(plan.segmentEntries()) + " entries, 1 thread, ns per operation",
                bySegments());
        print("by threads, " + Quantity.count(plan.threadedEntries()) + " entries, operations a second", byThreads());
    }

    private TextTable bySize() throws Exception {
        TextTable table = new TextTable(
                0,
                List.of(
                        "entries",
                        "segments",
                        "on disk",
                        "get hit",
                        "get absent",
                        "seek+10",
                        "put",
                        "open ms",
                        "resident",
                        "anonymous"));
        for (long entries : plan.entries()) {
            progress.println("scale: " + Quantity.count(entries) + " entries");
            Corpus corpus = new Corpus(SHAPE, entries);
            Path directory = newDirectory("entries-");
            table.row(sizeRow(corpus, directory));
            if (entries == plan.threadedEntries()) {
                threadedDirectory = directory;
            } else {
                DataDirectory.delete(directory);
            }
        }
        return table;
    }

    private List<String> sizeRow(Corpus corpus, Path directory) throws Exception {
        int segments;
        long allocatedBytes;
        ScaleTrial.Times reads;
        ProcessFigures figures;
        try (CleaveEngine store = filled(corpus, directory, StoreOptions.defaults())) {
            segments = segments(store);
            allocatedBytes = ProcessFigures.allocatedBytes(directory);
            reads = trial.read(store, corpus);
            // What is held counts, not what filling and measuring have left lying in the heap.
            System.gc();
            figures = ProcessFigures.now();
        }
        double openMillis = medianOpenNanos(corpus, directory) / 1e6;
        double putNanos;
        try (CleaveEngine store = CleaveEngine.open(directory, StoreOptions.defaults())) {
            putNanos = ScaleTrial.nanosEach(trial.puts(store, corpus, 1));
        }
        return List.of(
                Quantity.count(corpus.entries()),
                Quantity.count(segments),
                Quantity.bytes((double) allocatedBytes),
                Quantity.digits(reads.hit()),
                Quantity.digits(reads.absent()),
                Quantity.digits(reads.seek()),
                Quantity.digits(putNanos),
                Quantity.digits(openMillis),
                Quantity.bytes((double) figures.residentBytes()),
                Quantity.bytes((double) figures.anonymousBytes()));
    }

    /** The clock runs from the call to the end of a first read, not while the store before is closed. */
    private static long medianOpenNanos(Corpus corpus, Path directory) throws Exception {
        Openings openings = new Openings(
                below -> CleaveEngine.open(below, StoreOptions.defaults()),
                directory,
                corpus,
                Openings.FirstRead.OF_WRITTEN);
        for (int at = 0; at < OPENINGS; at++) {
            openings.open().close();
        }
        return openings.outcome().latencies().getValueAtPercentile(50);
    }

    private TextTable bySegments() throws Exception {
        TextTable table = new TextTable(
                0, List.of("wanted", "segments", "at most", "on disk", "get hit", "get absent", "seek+10", "put"));
        Corpus corpus = new Corpus(SHAPE, plan.segmentEntries());
        for (int wanted : plan.segments()) {
            progress.println("scale: " + Quantity.count(wanted) + (wanted == 1 ? " segment" : " segments"));
            Path directory = newDirectory("segments-");
            StoreOptions options = options(corpus, wanted);
            try (CleaveEngine store = filled(corpus, directory, options)) {
                int segments = segments(store);
                long allocatedBytes = ProcessFigures.allocatedBytes(directory);
                ScaleTrial.Times reads = trial.read(store, corpus);
                double putNanos = ScaleTrial.nanosEach(trial.puts(store, corpus, 1));
                table.row(List.of(
                        Quantity.count(wanted),
                        Quantity.count(segments),
                        Quantity.bytes((double) options.segmentBytesMax()),
                        Quantity.bytes((double) allocatedBytes),
                        Quantity.digits(reads.hit()),
                        Quantity.digits(reads.absent()),
                        Quantity.digits(reads.seek()),
                        Quantity.digits(putNanos)));
            }
            DataDirectory.delete(directory);
        }
        return table;
    }

    /** All segments may stay open: what it costs to open them again is another question. */
    private static StoreOptions options(Corpus corpus, int wanted) {
        double bytes = corpus.entries() * ENTRY_BYTES / (FILLED_SHARE * wanted);
        long segmentBytes = wanted == 1
                ? SEGMENT_BYTES_MOST
                : Math.max(SEGMENT_BYTES_LEAST, Math.min(SEGMENT_BYTES_MOST, Math.round(bytes)));
        return StoreOptions.builder()
                .segmentBytesMax(segmentBytes)
                .openSegmentsMax(Math.max(OPEN_SEGMENTS_LEAST, Math.min(OPEN_SEGMENTS_MOST, 3 * wanted)))
                .build();
    }

    private TextTable byThreads() throws Exception {
        TextTable table = new TextTable(0, List.of("threads", "get hit/s", "put/s"));
        Corpus corpus = new Corpus(SHAPE, plan.threadedEntries());
        try (CleaveEngine store = CleaveEngine.open(threadedDirectory, StoreOptions.defaults())) {
            for (int threads : plan.threads()) {
                progress.println("scale: " + threads + (threads == 1 ? " thread" : " threads"));
                store.settle();
                Outcome hits = trial.hits(store, corpus, threads);
                Outcome puts = trial.puts(store, corpus, threads);
                table.row(List.of(
                        Integer.toString(threads),
                        Quantity.rate(ScaleTrial.perSecond(hits)),
                        Quantity.rate(ScaleTrial.perSecond(puts))));
            }
        }
        return table;
    }

    private Path newDirectory(String prefix) throws IOException {
        return Files.createTempDirectory(plan.directory(), prefix);
    }

    private static CleaveEngine filled(Corpus corpus, Path directory, StoreOptions options) throws Exception {
        CleaveEngine store = CleaveEngine.open(directory, options);
        try (WritingWorkers.Batches batches = new WritingWorkers.Batches(store.session(), corpus)) {
            batches.run(0, WritingWorkers.Batches.count(corpus));
            store.settle();
        } catch (Throwable e) {
            store.close();
            throw e;
        }
        return store;
    }

    private static int segments(CleaveEngine store) {
        return store.indexStats().segments().size();
    }

    private void print(String title, TextTable table) {
        out.println(title);
        out.println();
        out.println(table.text());
        out.flush();
    }

    @Override
    public void close() {
        trial.close();
    }
}
