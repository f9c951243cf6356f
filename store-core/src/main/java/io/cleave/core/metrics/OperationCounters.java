package io.cleave.core.metrics;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Operations of one store, counted by each thread in cells of its own and summed up by whoever asks. Every operation is
 * counted; on average one in {@code sampleEvery} is timed, at random gaps.
 *
 * <p>What an ended thread has counted is moved to the totals when somebody asks, and when the number of cells has doubled: so
 * memory goes with the threads that live, some 10 KB each at most.
 *
 * <p>Thread-safe. Registering a thread and reading take a lock, counting does not.
 */
public final class OperationCounters {
    private static final int SWEEP_LEAST = 64;

    private final Object identity = new Object();
    private final LongSupplier clock;
    private final int sampleEvery;
    private final AtomicLong threads = new AtomicLong();

    /** Weak, and of types of the JDK: what threads of somebody else's keep must keep neither store nor class loader. */
    @SuppressWarnings("ThreadLocalUsage") // of one store: it goes with the store
    private final ThreadLocal<WeakReference<OperationCells>> own = new ThreadLocal<>();

    /** Guarded by this, as are the next two. */
    private final List<Owned> registered = new ArrayList<>();

    private final OperationTotals ended = new OperationTotals();
    private int sweepAt = SWEEP_LEAST;

    private record Owned(WeakReference<Thread> owner, OperationCells cells) {
        boolean hasEnded() {
            Thread thread = owner.get();
            return thread == null || !thread.isAlive();
        }
    }

    /**
     * @param clock monotonic nanoseconds
     * @param sampleEvery mean number of operations to one that is timed; 1 times all
     */
    public OperationCounters(LongSupplier clock, int sampleEvery) {
        if (sampleEvery < 1) {
            throw new IllegalArgumentException("sampleEvery: expected 1 or more, found " + sampleEvery);
        }
        this.clock = clock;
        this.sampleEvery = sampleEvery;
    }

    /** The cells of the calling thread. */
    public OperationCells own() {
        WeakReference<OperationCells> known = own.get();
        OperationCells cells = known == null ? null : known.get();
        return cells == null ? register() : cells;
    }

    /** What all threads have done so far. */
    public synchronized OperationTotals totals() {
        sweep();
        OperationTotals totals = new OperationTotals();
        totals.add(ended);
        registered.forEach(thread -> totals.add(thread.cells()));
        return totals;
    }

    /** Keeps nothing any more for threads that have ended, but what they have counted. */
    public synchronized void forgetEnded() {
        sweep();
    }

    Object identity() {
        return identity;
    }

    /** Threads whose cells are kept. */
    synchronized int registeredCount() {
        return registered.size();
    }

    private OperationCells register() {
        long seed = threads.incrementAndGet() * 0x9E3779B97F4A7C15L;
        OperationCells cells = new OperationCells(identity, clock, sampleEvery, seed);
        synchronized (this) {
            if (registered.size() >= sweepAt) {
                sweep();
            }
            registered.add(new Owned(new WeakReference<>(Thread.currentThread()), cells));
        }
        own.set(new WeakReference<>(cells));
        return cells;
    }

    /** Requires this object's monitor. */
    private void sweep() {
        registered.removeIf(thread -> {
            boolean gone = thread.hasEnded();
            if (gone) {
                ended.add(thread.cells());
            }
            return gone;
        });
        sweepAt = Math.max(SWEEP_LEAST, 2 * registered.size());
    }
}
