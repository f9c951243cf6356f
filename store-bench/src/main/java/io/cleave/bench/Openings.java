package io.cleave.bench;

import java.nio.file.Path;
import org.HdrHistogram.Histogram;

/** Opens a store time and again; the clock runs from the call to the end of a first read. Belongs to one thread. */
final class Openings {
    /** What is read first. */
    enum FirstRead {
        /** An entry that was put before the store was left. */
        OF_WRITTEN,
        /** One that may have been deleted since. */
        OF_ANY
    }

    private final EngineOpener opener;
    private final Path directory;
    private final Corpus corpus;
    private final FirstRead firstRead;
    private final Histogram latencies = Outcome.histogram();
    private long count;
    private long nanos;
    private long cpuNanos;

    Openings(EngineOpener opener, Path directory, Corpus corpus, FirstRead firstRead) {
        this.opener = opener;
        this.directory = directory;
        this.corpus = corpus;
        this.firstRead = firstRead;
    }

    /** Opens it once; the caller closes it. */
    BenchEngine open() throws Exception {
        byte[] key = corpus.stream().key(corpus.fillOrder().at(0));
        Target target = new Target(corpus.shape());
        long cpuBefore = ProcessFigures.cpuNanosNow();
        long before = System.nanoTime();
        BenchEngine engine = opener.open(directory);
        try (BenchSession session = engine.session()) {
            int length = session.get(key, target.bytes());
            long took = System.nanoTime() - before;
            Outcome.record(latencies, took);
            nanos += took;
            cpuNanos += ProcessFigures.cpuNanosNow() - cpuBefore;
            count++;
            boolean required = firstRead == FirstRead.OF_WRITTEN && engine.keepsWritesOfKilledProcess();
            if (required || length >= 0) {
                target.take(key, length);
            }
            target.publish();
        } catch (Throwable e) {
            engine.close();
            throw e;
        }
        return engine;
    }

    /** Of all openings so far. */
    Outcome outcome() {
        return new Outcome(count, nanos, 0, cpuNanos, 0, latencies, ProcessFigures.now());
    }
}
