package io.cleave;

import io.cleave.core.memtable.MemoryBudget;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.StallReason;
import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.WritePacing;
import io.cleave.route.RetryPolicy;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Keeps the memory of all memtables below its budget, by flushes of the largest ones, of whichever store they are that shares it.
 * Thread-safe.
 */
final class MemoryRelief {
    /** Queues a flush. */
    interface Flushes {
        TaskHandle request(RoutedIndex index, SegmentSlot slot);
    }

    /** Used share of the budget above which the largest memtable is flushed: the larger they are, the fewer the rewrites. */
    static final int FLUSH_PERCENT = 65;

    /** While everything is being flushed already, writers look again after this part of the budget. */
    private static final int RELIEF_STEPS = 64;

    private final StoreEngine engine;
    private final MemoryBudget budget;
    private final WritePacing pacing;
    private final MaintenanceWorkers workers;
    private final Flushes flushes;
    private final Predicate<FlushTarget> mayFlush;
    private final long flushFromBytes;
    /** Under way because of the budget, of all stores that share it. */
    private final AtomicInteger pressureFlushes;

    /** Used bytes above which writers look for something to flush; raised a little while there is nothing. */
    private volatile long relieveFromBytes;

    MemoryRelief(
            StoreEngine engine,
            WritePacing pacing,
            MaintenanceWorkers workers,
            Flushes flushes,
            Predicate<FlushTarget> mayFlush) {
        this.engine = engine;
        this.budget = engine.budget();
        this.pressureFlushes = engine.runtime().pressureFlushes();
        this.pacing = pacing;
        this.workers = workers;
        this.flushes = flushes;
        this.mayFlush = mayFlush;
        this.flushFromBytes = budget.limit() / 100 * FLUSH_PERCENT;
        this.relieveFromBytes = flushFromBytes;
    }

    /** After a write: a look at the budget, and no more while there is room. */
    void relieveIfDue() {
        if (budget.used() > relieveFromBytes) {
            relieve();
        }
    }

    /** After background work on a segment: what could not be flushed before may be flushed now. */
    void lookAgain() {
        relieveFromBytes = flushFromBytes;
        relieve();
    }

    /** Keeps one flush of the largest memtable under way for each worker while much of the budget is used. */
    void relieve() {
        int flushesMax = Math.max(1, engine.runtime().maintenanceThreads());
        while (budget.used() > flushFromBytes && pressureFlushes.get() < flushesMax) {
            Candidate largest = largest(true);
            if (largest == null) {
                relieveFromBytes = budget.used() + budget.limit() / RELIEF_STEPS;
                return;
            }
            relieveFromBytes = flushFromBytes;
            if (pressureFlushes.incrementAndGet() > flushesMax) {
                pressureFlushes.decrementAndGet();
                return;
            }
            largest.request().onEnd(thrown -> {
                pressureFlushes.decrementAndGet();
                if (thrown == null) {
                    lookAgain();
                } else {
                    relieveFromBytes = flushFromBytes;
                }
            });
        }
    }

    /**
     * The largest memtables of a store.
     *
     * @param relief of the store
     * @param bytes of memory that they take
     */
    private record Candidate(MemoryRelief relief, FlushTarget target, long bytes) {
        TaskHandle request() {
            return relief.flushes.request(target.index(), target.slot());
        }
    }

    /**
     * The largest of all stores that share the budget; null when there is none.
     *
     * @param idleOnly without those that are being flushed already or could not be
     */
    private Candidate largest(boolean idleOnly) {
        Candidate best = null;
        for (StoreEngine each : engine.runtime().engines()) {
            Candidate found = each.maintenance().relief().own(idleOnly);
            if (found != null && (best == null || found.bytes > best.bytes)) {
                best = found;
            }
        }
        return best;
    }

    private Candidate own(boolean idleOnly) {
        if (engine.isClosed() || engine.poisonCause() != null) {
            return null;
        }
        FlushTarget target = FlushTarget.largest(engine.indexes(), idleOnly ? mayFlush : any -> true);
        return target == null ? null : new Candidate(this, target, target.bytes());
    }

    /** Waits until a write has memory again, by flushes that the caller awaits. */
    void await() {
        WritePacing.Stall stall = pacing.begin(StallReason.MEMORY_STOP);
        RetryPolicy.Attempt attempt = new RetryPolicy(
                        engine.storage(), engine.options().waitMillisMax())
                .attempt("memtable memory of " + engine.directory());
        while (budget.exceeded()) {
            engine.requireWritable();
            Candidate largest = largest(false);
            if (largest != null) {
                awaitFlush(largest);
            }
            if (budget.exceeded()) {
                attempt.backOff();
            }
        }
        stall.end();
    }

    private void awaitFlush(Candidate candidate) {
        FlushTarget target = candidate.target();
        try {
            candidate.relief().workers.await(candidate.request());
        } catch (StoreException | StoreClosedException e) {
            if (candidate.relief() == this) {
                throw e instanceof StoreException.DiskFull
                        ? new StoreException.DiskFull(
                                "no memory for writes, because a flush failed: " + e.getMessage(), e)
                        : e;
            }
            // Another store's trouble, which is told there; this one waits for what else there is.
            relieveFromBytes = flushFromBytes;
        } catch (RuntimeException e) {
            throw new StoreException.TaskFailed(
                    "flush of " + target.index().segmentDirectory(target.slot().segmentId()) + " failed", e);
        }
    }
}
