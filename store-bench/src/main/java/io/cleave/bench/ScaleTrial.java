package io.cleave.bench;

import io.cleave.bench.Crew.Hiring;
import io.cleave.bench.Crew.Job;
import io.cleave.bench.WritingWorkers.Durable;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads and overwrites entries of one store after the other at random, in the same way each time: half as many operations to
 * warm up, then those that count, on keys that none before has used in that order. Belongs to one thread, which closes it.
 */
final class ScaleTrial implements AutoCloseable {
    /** Timing single operations is not wanted here and would cost. */
    private static final int SAMPLE_EVERY = 1_000;
    /** More than there are threads, so that no sequence of random numbers comes twice. */
    private static final int ROUND_SEEDS = 10_000;

    private static final long PUT_SEED = 1L << 32;

    /** Nanoseconds of an operation by one thread. */
    record Times(double hit, double absent, double seek) {}

    private final long operations;
    /** A crew tells how far it is; these are over too soon to be worth telling. */
    private final PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    private int round;

    /**
     * @param operations of each thread that count
     */
    ScaleTrial(long operations) {
        this.operations = operations;
    }

    /** Reads by one thread. */
    Times read(BenchEngine store, Corpus corpus) throws Exception {
        return new Times(
                nanosEach(hits(store, corpus, 1)),
                nanosEach(measured(
                        Workload.READ_ABSENT, 1, seed -> new ReadingWorkers.Misses(store.session(), corpus, seed))),
                nanosEach(measured(Workload.SEEK, 1, seed -> new ReadingWorkers.Seeks(store.session(), corpus, seed))));
    }

    /** Point reads of entries that are there. */
    Outcome hits(BenchEngine store, Corpus corpus, int threads) throws Exception {
        return measured(Workload.READ_HIT, threads, seed -> new ReadingWorkers.Hits(store.session(), corpus, seed));
    }

    /** Single puts over entries that are there. */
    Outcome puts(BenchEngine store, Corpus corpus, int threads) throws Exception {
        return measured(Workload.OVERWRITE, threads, seed -> {
            RandomSequence random = new RandomSequence(PUT_SEED + seed);
            return new WritingWorkers.Puts(
                    store.session(),
                    corpus.stream(),
                    operation -> random.below(corpus.entries()),
                    1 + seed,
                    Durable.UNSYNCED);
        });
    }

    static double nanosEach(Outcome outcome) {
        return (double) outcome.nanos() / outcome.entries();
    }

    static double perSecond(Outcome outcome) {
        return outcome.entries() * 1e9 / outcome.nanos();
    }

    private Outcome measured(Workload workload, int threads, Hiring hiring) throws Exception {
        crew(workload, threads, Math.max(1, operations / 2), hiring);
        return crew(workload, threads, operations, hiring);
    }

    /** A hiring gets a number that no thread had before, in place of the thread's. */
    private Outcome crew(Workload workload, int threads, long count, Hiring hiring) throws Exception {
        int firstSeed = ROUND_SEEDS * round++;
        Job job = new Job(workload, threads, count, SAMPLE_EVERY, 0);
        return Crew.run(job, thread -> hiring.hire(firstSeed + thread), nowhere);
    }

    @Override
    public void close() {
        nowhere.close();
    }
}
