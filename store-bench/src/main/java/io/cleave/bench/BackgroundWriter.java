package io.cleave.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Overwrites entries at random on a thread of its own, as fast as it can, until it is closed; has begun when it is made. */
final class BackgroundWriter implements AutoCloseable {
    private static final int GENERATION = 3;

    private final BenchEngine engine;
    private final Corpus corpus;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final Future<?> work;
    private volatile boolean ended;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong userBytes = new AtomicLong();

    BackgroundWriter(BenchEngine engine, Corpus corpus) throws InterruptedException {
        this.engine = engine;
        this.corpus = corpus;
        this.work = thread.submit(() -> {
            write();
            return null;
        });
        begun.await();
    }

    long done() {
        return done.get();
    }

    long userBytes() {
        return userBytes.get();
    }

    private void write() throws Exception {
        try (BenchSession session = engine.session()) {
            EntryStream stream = corpus.stream();
            RandomSequence random = new RandomSequence(600);
            while (!ended) {
                long number = random.below(corpus.entries());
                byte[] key = stream.key(number);
                byte[] value = stream.value(number, GENERATION);
                session.put(key, value);
                // This thread alone writes them.
                userBytes.lazySet(userBytes.get() + key.length + value.length);
                done.lazySet(done.get() + 1);
                begun.countDown();
            }
        } finally {
            // Also when it fails: close() tells.
            begun.countDown();
        }
    }

    /** Ends it; throws what ended it before. */
    @Override
    public void close() throws Exception {
        ended = true;
        try {
            work.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception exception ? exception : e;
        } finally {
            thread.shutdown();
        }
    }
}
