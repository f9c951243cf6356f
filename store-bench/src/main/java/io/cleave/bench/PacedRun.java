package io.cleave.bench;

import io.cleave.StoreStats;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Puts random entries at full speed for a time, on the thread that calls, and notes how long each took. Used once.
 *
 * <p>The clock is read once for a put, right behind it: what a put takes includes making its key and value, some tens of
 * nanoseconds. What the run itself does between two puts, telling how far it is, counts in none.
 */
final class PacedRun {
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long SEED = 700;

    /**
     * What has come out.
     *
     * @param putBytes keys and values
     * @param atEnd figures of the process right after the last put
     * @param settleNanos how long the store then needed to come to rest
     * @param writtenBytes of the process until then
     * @param stats of Cleave at rest, empty for its rivals
     */
    record Result(
            Pace pace,
            long putBytes,
            long highestResidentBytes,
            long highestAnonymousBytes,
            ProcessFigures atEnd,
            long settleNanos,
            long writtenBytes,
            Optional<StoreStats> stats) {}

    private final Corpus corpus;
    private final Pace pace;
    private final long syncMillis;
    private final PrintStream progress;
    private final long writtenBefore = ProcessFigures.writtenBytesNow();
    private long putBytes;

    /** @param syncMillis how often the store is synced; 0 when that is left to it */
    PacedRun(Corpus corpus, int seconds, long syncMillis, PrintStream progress) {
        this.corpus = corpus;
        this.syncMillis = syncMillis;
        this.pace = new Pace(seconds);
        this.progress = progress;
    }

    /** Fills a store, which the caller closes. */
    Result run(BenchEngine engine) throws Exception {
        try (MemoryWatch memory = new MemoryWatch()) {
            try (PeriodicSync sync = new PeriodicSync(engine, syncMillis);
                    BenchSession session = engine.session()) {
                put(session);
            }
            pace.end();
            ProcessFigures atEnd = memory.look();
            long since = System.nanoTime();
            engine.settle();
            long settleNanos = System.nanoTime() - since;
            return new Result(
                    pace,
                    putBytes,
                    memory.residentBytes(),
                    memory.anonymousBytes(),
                    atEnd,
                    settleNanos,
                    ProcessFigures.writtenBytesNow() - writtenBefore,
                    engine instanceof CleaveEngine store ? Optional.of(store.stats()) : Optional.empty());
        }
    }

    private void put(BenchSession session) throws Exception {
        EntryStream stream = corpus.stream();
        RandomSequence random = new RandomSequence(SEED);
        Lap lap = new Lap(0);
        int generation = 0;
        long start = System.nanoTime();
        long last = start;
        while (last - start < pace.runNanos()) {
            long number = random.below(corpus.entries());
            byte[] key = stream.key(number);
            byte[] value = stream.value(number, generation++);
            session.put(key, value);
            long now = System.nanoTime();
            pace.take(last - start, now - last);
            putBytes += key.length + value.length;
            last = now;
            if (lap.take(now - start)) {
                tell(lap, now - start);
                lap = new Lap(now - start);
                last = System.nanoTime();
            }
        }
        if (lap.puts > 0) {
            tell(lap, last - start);
        }
    }

    private void tell(Lap lap, long nanos) {
        progress.println(Quantity.count(TimeUnit.NANOSECONDS.toSeconds(nanos)) + " s: "
                + Quantity.rate(lap.puts * 1e9 / (nanos - lap.startNanos)) + "/s, longest put "
                + Quantity.millis((double) lap.longestNanos) + ", "
                + Quantity.bytes((double) ProcessFigures.writtenBytesNow() - writtenBefore) + " written");
    }

    /** What has happened since progress was last told. */
    private static final class Lap {
        private final long startNanos;
        private long lastNanos;
        private long puts;
        private long longestNanos;

        private Lap(long startNanos) {
            this.startNanos = startNanos;
            this.lastNanos = startNanos;
        }

        /** Takes a put that has just ended; true when it is time to tell. */
        private boolean take(long nanos) {
            puts++;
            longestNanos = Math.max(longestNanos, nanos - lastNanos);
            lastNanos = nanos;
            return nanos - startNanos >= TELL_NANOS;
        }
    }
}
