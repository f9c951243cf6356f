package io.cleave.bench;

import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Syncs a store by interval on a thread of its own, for stores that don't by themselves. Begins when it is made, ends when it is
 * closed. Thread-safe.
 */
final class PeriodicSync implements AutoCloseable {
    private final ScheduledExecutorService clock;
    private final Optional<ScheduledFuture<?>> syncs;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    /** @param millis from the end of one to the begin of the next; 0 for none at all */
    PeriodicSync(BenchEngine engine, long millis) {
        clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "bench-sync");
            thread.setDaemon(true);
            return thread;
        });
        syncs = millis == 0
                ? Optional.empty()
                : Optional.of(clock.scheduleWithFixedDelay(() -> sync(engine), millis, millis, TimeUnit.MILLISECONDS));
    }

    private void sync(BenchEngine engine) {
        try {
            engine.sync();
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Waits for the sync that is under way; throws {@link IllegalStateException} when one has failed. */
    @Override
    public void close() {
        syncs.ifPresent(future -> future.cancel(false));
        clock.shutdown();
        try {
            if (!clock.awaitTermination(1, TimeUnit.HOURS)) {
                throw new IllegalStateException("a sync has not ended within an hour");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("a sync has failed", failure.get());
        }
    }
}
