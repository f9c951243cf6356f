package io.cleave.maintenance;

import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.storage.Storage;
import io.cleave.event.StoreEvents;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjLongConsumer;

/**
 * Slows writers down as the memory budget fills, before anything has to stop them: no delay below {@value #SLOW_PERCENT} %,
 * then one that grows with the square of the distance, up to {@value #DELAY_MICROS_MAX} microseconds a write. Thread-safe.
 */
public final class WritePacing {
    static final int SLOW_PERCENT = 85;
    static final int DELAY_MICROS_MAX = 1_000;

    private final Storage storage;
    private final MemoryBudget budget;
    private final String store;
    private final ObjLongConsumer<StallReason> listener;
    private final Map<StallReason, LongAdder> counts = new EnumMap<>(StallReason.class);
    private final Map<StallReason, LongAdder> nanos = new EnumMap<>(StallReason.class);

    /** As {@link #WritePacing(Storage, MemoryBudget, String, ObjLongConsumer)}, with nobody told. */
    public WritePacing(Storage storage, MemoryBudget budget) {
        this(storage, budget, "", (reason, waitedNanos) -> {});
    }

    /**
     * @param storage clock
     * @param budget what fills
     * @param store whose writers are paced, for events
     * @param listener told of each wait and its nanoseconds after it, on the writer's thread, which holds no lock then
     */
    public WritePacing(Storage storage, MemoryBudget budget, String store, ObjLongConsumer<StallReason> listener) {
        this.storage = storage;
        this.budget = budget;
        this.store = store;
        this.listener = listener;
        for (StallReason reason : StallReason.values()) {
            counts.put(reason, new LongAdder());
            nanos.put(reason, new LongAdder());
        }
    }

    /** Waits before a write if memory is getting short. Returns false when it is used up and a flush must come first. */
    public boolean admit() {
        long used = budget.used();
        long slowBytes = budget.mark(SLOW_PERCENT);
        if (used <= slowBytes) {
            return true;
        }
        long ceiling = budget.ceiling();
        if (used > ceiling) {
            return false;
        }
        double share = (double) (used - slowBytes) / (ceiling - slowBytes);
        delay(StallReason.MEMORY_SLOWDOWN, (long) (share * share * TimeUnit.MICROSECONDS.toNanos(DELAY_MICROS_MAX)));
        return true;
    }

    /** Waits before a write to a segment whose delta runs pile up. */
    public void delayForDeltas() {
        delay(StallReason.DELTAS_SLOWDOWN, TimeUnit.MICROSECONDS.toNanos(DELAY_MICROS_MAX));
    }

    /** Counts a wait that nobody is told of. */
    public void count(StallReason reason, long waitedNanos) {
        counts.get(reason).increment();
        nanos.get(reason).add(waitedNanos);
    }

    /** A writer is held up from now on, until the caller ends it. */
    public Stall begin(StallReason reason) {
        return new Stall(reason);
    }

    /** How often writers were held up for a reason. */
    public long count(StallReason reason) {
        return counts.get(reason).sum();
    }

    /** How long writers were held up for a reason, all of them together, in nanoseconds. */
    public long nanos(StallReason reason) {
        return nanos.get(reason).sum();
    }

    private void delay(StallReason reason, long delayNanos) {
        Stall stall = begin(reason);
        if (delayNanos > 0) {
            LockSupport.parkNanos(delayNanos);
        }
        stall.end();
    }

    /** One writer held up once. Belongs to its thread. */
    public final class Stall {
        private final StallReason reason;
        private final StoreEvents.StallSpan span = StoreEvents.stall();
        private final long start = storage.nanoTime();

        private Stall(StallReason reason) {
            this.reason = reason;
        }

        /** Counts it, records it and tells the listener. */
        public void end() {
            long waited = storage.nanoTime() - start;
            count(reason, waited);
            span.commit(store, reason.name());
            listener.accept(reason, waited);
        }
    }
}
