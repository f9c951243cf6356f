package io.cleave.bench;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks at the memory of this process once a second on a thread of its own, so that a store that holds up its writer is
 * watched all the same. Begins when it is made, ends when it is closed. Thread-safe.
 */
final class MemoryWatch implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1_000;

    private final AtomicLong residentBytes = new AtomicLong();
    private final AtomicLong anonymousBytes = new AtomicLong();
    private final ScheduledExecutorService clock;
    private final ScheduledFuture<?> looks;

    MemoryWatch() {
        clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "bench-memory");
            thread.setDaemon(true);
            return thread;
        });
        looks = clock.scheduleAtFixedRate(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Looks once more; returns what it has seen. */
    ProcessFigures look() {
        ProcessFigures figures = ProcessFigures.now();
        residentBytes.accumulateAndGet(figures.residentBytes(), Math::max);
        anonymousBytes.accumulateAndGet(figures.anonymousBytes(), Math::max);
        return figures;
    }

    /** The most resident memory that was seen. */
    long residentBytes() {
        return residentBytes.get();
    }

    /** The most anonymous memory that was seen, maybe at another moment. */
    long anonymousBytes() {
        return anonymousBytes.get();
    }

    @Override
    public void close() {
        looks.cancel(false);
        clock.shutdown();
    }
}
