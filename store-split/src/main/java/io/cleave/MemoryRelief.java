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

/** Keeps the memory of all memtables below its budget, by flushes of the largest ones. Thread-safe. */
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
    private final AtomicInteger pressureFlushes = new AtomicInteger();

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
        int flushesMax = Math.max(1, engine.options().maintenanceThreads());
        while (budget.used() > flushFromBytes && pressureFlushes.get() < flushesMax) {
            FlushTarget largest = FlushTarget.largest(engine.indexes(), mayFlush);
            if (largest == null) {
                relieveFromBytes = budget.used() + budget.limit() / RELIEF_STEPS;
                return;
            }
            relieveFromBytes = flushFromBytes;
            if (pressureFlushes.incrementAndGet() > flushesMax) {
                pressureFlushes.decrementAndGet();
                return;
            }
            flushes.request(largest.index(), largest.slot()).onEnd(thrown -> {
                pressureFlushes.decrementAndGet();
                if (thrown == null) {
                    lookAgain();
                } else {
                    relieveFromBytes = flushFromBytes;
                }
            });
        }
    }

    /** Waits until a write has memory again, by flushes that the caller awaits. */
    void await() {
        WritePacing.Stall stall = pacing.begin(StallReason.MEMORY_STOP);
        RetryPolicy.Attempt attempt = new RetryPolicy(
                        engine.storage(), engine.options().waitMillisMax())
                .attempt("memtable memory of " + engine.directory());
        while (budget.exceeded()) {
            engine.requireWritable();
            FlushTarget largest = FlushTarget.largest(engine.indexes(), target -> true);
            if (largest != null) {
                awaitFlush(largest);
            }
            if (budget.exceeded()) {
                attempt.backOff();
            }
        }
        stall.end();
    }

    private void awaitFlush(FlushTarget target) {
        try {
            workers.await(flushes.request(target.index(), target.slot()));
        } catch (StoreException.DiskFull e) {
            throw new StoreException.DiskFull("no memory for writes, because a flush failed: " + e.getMessage(), e);
        } catch (StoreException | StoreClosedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StoreException.TaskFailed(
                    "flush of " + target.index().segmentDirectory(target.slot().segmentId()) + " failed", e);
        }
    }
}
