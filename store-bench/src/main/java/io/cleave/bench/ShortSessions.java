package io.cleave.bench;

import java.nio.file.Path;
import org.HdrHistogram.Histogram;

/** Opens a store, puts one of a few entries and closes it, time and again. Belongs to one thread. */
final class ShortSessions {
    /** Different entries that are put. */
    private static final int ENTRIES = 10;

    private ShortSessions() {}

    /** So many sessions in one directory. */
    static Outcome run(EngineOpener opener, Path directory, Corpus corpus, long sessions) throws Exception {
        Histogram latencies = Outcome.histogram();
        EntryStream stream = corpus.stream();
        long userBytes = 0;
        long cpuBefore = ProcessFigures.cpuNanosNow();
        long start = System.nanoTime();
        for (long number = 0; number < sessions; number++) {
            long before = System.nanoTime();
            byte[] key = stream.key(number % ENTRIES);
            byte[] value = stream.value(number % ENTRIES, (int) number);
            try (BenchEngine engine = opener.open(directory);
                    BenchSession session = engine.session()) {
                session.put(key, value);
            }
            userBytes += key.length + value.length;
            Outcome.record(latencies, System.nanoTime() - before);
        }
        long nanos = System.nanoTime() - start;
        ProcessFigures figures = ProcessFigures.now();
        return new Outcome(sessions, nanos, 0, figures.cpuNanos() - cpuBefore, userBytes, latencies, figures);
    }
}
