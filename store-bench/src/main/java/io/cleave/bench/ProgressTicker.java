package io.cleave.bench;

import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/** Prints how much of a workload is done, four times a second at most. Thread-safe; closing ends it. */
final class ProgressTicker implements AutoCloseable {
    private static final long PERIOD_MILLIS = 250;
    /** Counters of two threads never share a cache line. */
    private static final int STRIDE = 16;

    private final AtomicLongArray done;
    private final ScheduledExecutorService clock;
    private final ScheduledFuture<?> ticks;

    ProgressTicker(PrintStream out, Workload workload, int threads, long total) {
        done = new AtomicLongArray(threads * STRIDE);
        clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "bench-progress");
            thread.setDaemon(true);
            return thread;
        });
        ticks = clock.scheduleAtFixedRate(
                () -> out.println("progress " + workload.label() + " " + sum() + " " + total),
                PERIOD_MILLIS,
                PERIOD_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** So many operations has that thread done. */
    void set(int thread, long operations) {
        done.lazySet(thread * STRIDE, operations);
    }

    private long sum() {
        long sum = 0;
        for (int at = 0; at < done.length(); at += STRIDE) {
            sum += done.get(at);
        }
        return sum;
    }

    @Override
    public void close() {
        ticks.cancel(false);
        clock.shutdown();
    }
}
