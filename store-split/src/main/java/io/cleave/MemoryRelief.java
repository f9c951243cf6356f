package io.cleave;

import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.StallReason;
import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.WritePacing;
import io.cleave.route.OpenIndexes;
import io.cleave.route.RetryPolicy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Keeps the memory of all memtables below its budget, by flushes of the largest ones, of whichever store they are that shares it.
 *
 * <p>A store whose flush failed rests, and longer each time: nobody waits for its flushes meanwhile, what its memtables hold is
 * {@linkplain MemoryBudget#setAside set aside}, and its own writers are refused from {@value #FLUSH_PERCENT} % on, with the cause.
 * One that is poisoned rests for good. So a full disk stops the writers of its store, and no others.
 *
 * <p>Thread-safe.
 */
final class MemoryRelief {
    /**
     * The store that it belongs to.
     *
     * @param directory of it
     * @param storage clock
     * @param gate whether it may be written
     * @param indexes with the memtables
     * @param waitMillisMax how long a writer waits for memory
     */
    record Home(Path directory, Storage storage, StoreGate gate, OpenIndexes indexes, long waitMillisMax) {}

    /** The store's queue of flushes. */
    interface Flushes {
        TaskHandle request(FlushTarget target);

        /** None is under way, and none has failed too often. */
        boolean isPossible(FlushTarget target);

        /** One has failed too often. */
        boolean isGivenUp(FlushTarget target);
    }

    /** Used share of the budget above which the largest memtable is flushed: the larger they are, the fewer the rewrites. */
    static final int FLUSH_PERCENT = 65;

    /** While everything is being flushed already, writers look again after this part of the budget. */
    private static final int RELIEF_STEPS = 64;

    private final Home store;
    private final RuntimeResources runtime;
    private final MemoryBudget budget;
    private final WritePacing pacing;
    private final MaintenanceWorkers workers;
    private final Flushes flushes;
    private final StoreRest rest;
    /** Under way because of the budget, of all stores that share it. */
    private final AtomicInteger pressureFlushes;

    /** Used bytes above which writers look for something to flush; raised a little while there is nothing. */
    private volatile long relieveFromBytes;

    /** Of one store; {@code pacing} and {@code workers} are its own. */
    MemoryRelief(
            Home store, RuntimeResources runtime, WritePacing pacing, MaintenanceWorkers workers, Flushes flushes) {
        this.store = store;
        this.runtime = runtime;
        this.budget = runtime.budget();
        this.pressureFlushes = runtime.pressureFlushes();
        this.pacing = pacing;
        this.workers = workers;
        this.flushes = flushes;
        MemoryBudget shared = runtime.isOfOne() ? null : budget;
        this.rest = new StoreRest(store.directory(), store.storage(), shared, store.indexes());
        this.relieveFromBytes = flushFromBytes();
    }

    /** After a write: a look at the budget, and no more while there is room. */
    void relieveIfDue() {
        if (budget.used() > relieveFromBytes) {
            relieve();
        }
    }

    /** After background work on a segment: what could not be flushed before may be flushed now. */
    void lookAgain() {
        relieveFromBytes = flushFromBytes();
        relieve();
    }

    /** Directory of the store. */
    Path directory() {
        return store.directory();
    }

    /** How the store's flushes go. */
    StoreRest rest() {
        return rest;
    }

    /** Each second: a store that has rested tries again, also when nobody writes to it. */
    void tick() {
        if (rest.isOver()) {
            Candidate own = own(any -> true);
            if (own == null) {
                rest.end();
            } else {
                own.request();
            }
        }
    }

    /** Whether a writer of the store has to {@link #await}, though there is memory: the store can't give back what it has. */
    boolean isHeldBack() {
        return rest.isBegun() && budget.used() > budget.limit() / 100 * FLUSH_PERCENT;
    }

    private long flushFromBytes() {
        return budget.mark(FLUSH_PERCENT);
    }

    /** Keeps one flush of the largest memtable under way for each worker while much of the budget is used. */
    void relieve() {
        int flushesMax = Math.max(1, runtime.maintenanceThreads());
        while (budget.used() > flushFromBytes() && pressureFlushes.get() < flushesMax) {
            Candidate largest = largest(relief -> relief.flushes::isPossible);
            if (largest == null) {
                relieveFromBytes = budget.used() + budget.limit() / RELIEF_STEPS;
                return;
            }
            relieveFromBytes = flushFromBytes();
            if (pressureFlushes.incrementAndGet() > flushesMax) {
                pressureFlushes.decrementAndGet();
                return;
            }
            TaskHandle task;
            try {
                task = largest.request();
            } catch (RuntimeException | Error e) {
                pressureFlushes.decrementAndGet();
                throw e;
            }
            task.onEnd(thrown -> {
                pressureFlushes.decrementAndGet();
                if (thrown == null) {
                    lookAgain();
                } else {
                    relieveFromBytes = flushFromBytes();
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
            return relief.flushes.request(target);
        }
    }

    /** The largest of all stores that share the budget and do not rest; null when there is none. */
    private Candidate largest(Function<MemoryRelief, Predicate<FlushTarget>> filter) {
        Candidate best = null;
        for (MemoryRelief relief : runtime.members()) {
            Candidate found = relief.rest.isResting() ? null : relief.own(filter.apply(relief));
            if (found != null && (best == null || found.bytes > best.bytes)) {
                best = found;
            }
        }
        return best;
    }

    private Candidate own(Predicate<FlushTarget> filter) {
        if (store.gate().isClosed()) {
            return null;
        }
        if (store.gate().poison() != null) {
            rest.beginForGood(store.gate().poison());
            return null;
        }
        FlushTarget target = FlushTarget.largest(store.indexes().all(), filter);
        return target == null ? null : new Candidate(this, target, target.bytes());
    }

    /**
     * Waits until a write has memory again, by flushes that the caller awaits.
     *
     * @throws StoreException.DiskFull or another one that a flush of this store threw, when that is what it would wait for
     * @throws StoreException.Busy when there is no memory in time
     */
    void await() {
        WritePacing.Stall stall = pacing.begin(StallReason.MEMORY_STOP);
        RetryPolicy.Attempt attempt =
                new RetryPolicy(store.storage(), store.waitMillisMax()).attempt("memtable memory");
        while (budget.exceeded() || isHeldBack()) {
            store.gate().requireWritable();
            Candidate next = isHeldBack() ? null : largest(relief -> target -> !relief.flushes.isGivenUp(target));
            if (next == null) {
                next = lastResort();
            }
            if (next != null) {
                awaitFlush(next);
            }
            if (budget.exceeded() && !attempt.tryBackOff()) {
                throw busy();
            }
        }
        stall.end();
    }

    /** What is left when no flush of a healthy store can help: the store's own, which may fail and tell why. */
    private Candidate lastResort() {
        if (rest.isResting()) {
            throw refusal(rest.cause());
        }
        Candidate own = own(any -> true);
        if (own == null) {
            rest.end();
        }
        return own;
    }

    private StoreException.Busy busy() {
        String aside = budget.aside() == 0 ? "" : ", " + budget.aside() + " of them of stores whose flushes fail";
        return new StoreException.Busy("store " + store.directory() + ": no memory for a write within "
                + store.waitMillisMax() + " ms: memtables, and what cursors hold of them, take "
                + budget.used() + " of " + budget.limit() + " bytes" + aside);
    }

    private static StoreException refusal(StoreException cause) {
        return cause instanceof StoreException.DiskFull
                ? new StoreException.DiskFull(
                        "no memory for writes, because a flush failed: " + cause.getMessage(), cause)
                : cause;
    }

    private void awaitFlush(Candidate candidate) {
        FlushTarget target = candidate.target();
        try {
            candidate.relief().workers.await(candidate.request());
        } catch (StoreException | StoreClosedException e) {
            if (candidate.relief() == this) {
                throw e instanceof StoreException failure ? refusal(failure) : e;
            }
            // Another store's trouble, which is told there; this one waits for what else there is.
            relieveFromBytes = flushFromBytes();
        } catch (RuntimeException e) {
            throw new StoreException.TaskFailed(
                    "flush of " + target.index().segmentDirectory(target.slot().segmentId()) + " failed", e);
        }
    }
}
