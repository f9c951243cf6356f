package io.cleave.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * The threads that do one workload: warm up each for itself, start together, and time some of their operations. Belongs to
 * one thread, used once.
 */
final class Crew {
    /** Makes the worker of a thread, on that thread. */
    @FunctionalInterface
    interface Hiring {
        Worker hire(int thread) throws Exception;
    }

    /**
     * What is to be done.
     *
     * @param operations of each thread
     * @param sampleEvery how many operations go by from one that is timed to the next
     * @param warmUpNanos how long it may be done before it counts
     * @param others counts what others do meanwhile
     */
    record Job(
            Workload workload, int threads, long operations, int sampleEvery, long warmUpNanos, LongSupplier others) {
        Job(Workload workload, int threads, long operations, int sampleEvery, long warmUpNanos) {
            this(workload, threads, operations, sampleEvery, warmUpNanos, () -> 0);
        }
    }

    private record Part(long endNanos, long userBytes, Histogram latencies) {}

    private final Job job;
    private final Hiring hiring;
    /** Ends for good when a worker fails, so that none waits for it. */
    private final Phaser start;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private long startNanos;
    private long startCpuNanos;
    private long startOthers;

    private Crew(Job job, Hiring hiring) {
        this.job = job;
        this.hiring = hiring;
        this.start = new Phaser(job.threads()) {
            @Override
            protected boolean onAdvance(int phase, int parties) {
                begin();
                return false;
            }
        };
    }

    static Outcome run(Job job, Hiring hiring, PrintStream out) throws Exception {
        return new Crew(job, hiring).run(out);
    }

    private Outcome run(PrintStream out) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(job.threads());
        try (ProgressTicker ticker =
                new ProgressTicker(out, job.workload(), job.threads(), job.threads() * job.operations())) {
            List<Future<Part>> parts = new ArrayList<>();
            for (int thread = 0; thread < job.threads(); thread++) {
                int number = thread;
                parts.add(threads.submit(() -> work(number, ticker)));
            }
            return sum(parts);
        } finally {
            threads.shutdown();
            // A session may not outlive its store.
            while (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                threads.shutdownNow();
            }
        }
    }

    private void begin() {
        startCpuNanos = ProcessFigures.cpuNanosNow();
        startOthers = job.others().getAsLong();
        startNanos = System.nanoTime();
    }

    private Part work(int thread, ProgressTicker ticker) throws Exception {
        try (Worker worker = hiring.hire(thread)) {
            warmUp(worker);
            if (start.arriveAndAwaitAdvance() < 0) {
                throw new CancellationException("another worker failed");
            }
            Histogram latencies = Outcome.histogram();
            long done = 0;
            while (done < job.operations() && failure.get() == null) {
                long before = System.nanoTime();
                worker.run(done, done + 1);
                Outcome.record(latencies, System.nanoTime() - before);
                long next = Math.min(job.operations(), done + job.sampleEvery());
                if (next > done + 1) {
                    worker.run(done + 1, next);
                }
                done = next;
                ticker.set(thread, done);
            }
            long end = System.nanoTime();
            worker.finish();
            return new Part(end, worker.userBytes(), latencies);
        } catch (Throwable e) {
            // What the others then fail with is not the cause.
            failure.compareAndSet(null, e);
            start.forceTermination();
            throw e;
        }
    }

    private void warmUp(Worker worker) throws Exception {
        if (job.warmUpNanos() == 0) {
            return;
        }
        long since = System.nanoTime();
        long done = 0;
        while (done < job.operations() && System.nanoTime() - since < job.warmUpNanos()) {
            long next = Math.min(job.operations(), done + job.sampleEvery());
            worker.run(done, next);
            done = next;
        }
    }

    private Outcome sum(List<Future<Part>> parts) throws Exception {
        long end = Long.MIN_VALUE;
        long userBytes = 0;
        Histogram latencies = Outcome.histogram();
        for (Future<Part> future : parts) {
            Part part = part(future);
            end = Math.max(end, part.endNanos());
            userBytes += part.userBytes();
            latencies.add(part.latencies());
        }
        long others = job.others().getAsLong() - startOthers;
        ProcessFigures figures = ProcessFigures.now();
        return new Outcome(
                job.threads() * job.operations(),
                end - startNanos,
                others,
                figures.cpuNanos() - startCpuNanos,
                userBytes,
                latencies,
                figures);
    }

    private Part part(Future<Part> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = failure.get() == null ? e.getCause() : failure.get();
            if (cause instanceof Error error) {
                throw error;
            }
            throw cause instanceof Exception exception ? exception : e;
        }
    }
}
