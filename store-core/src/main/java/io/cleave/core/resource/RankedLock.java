package io.cleave.core.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A mutex that asserts the order of {@link LockRank}; locks of one rank are taken by rising order number. Not reentrant.
 * With assertions off it is a plain lock. Thread-safe.
 */
public final class RankedLock {
    private static final ThreadLocal<List<RankedLock>> HELD = ThreadLocal.withInitial(ArrayList::new);

    private final ReentrantLock lock = new ReentrantLock();
    private final LockRank rank;
    private final long order;

    /** A lock that is the only one of its rank a thread may hold. */
    public RankedLock(LockRank rank) {
        this(rank, 0);
    }

    /**
     * @param rank its place in the order
     * @param order its place among locks of the same rank
     */
    public RankedLock(LockRank rank, long order) {
        this.rank = rank;
        this.order = order;
    }

    /** Waits for the lock. Interrupts are left pending. */
    public void lock() {
        assert mayTake() : "taking " + this + " while holding " + HELD.get();
        lock.lock();
        assert HELD.get().add(this);
    }

    /** Takes the lock if nobody holds it, whatever else the caller holds: who does not wait can't deadlock. */
    public boolean tryLock() {
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return false;
        }
        assert HELD.get().add(this);
        return true;
    }

    /** Gives the lock back; the caller holds it. */
    public void unlock() {
        assert HELD.get().remove(this) : this + " is not held";
        lock.unlock();
    }

    /** A condition of this lock. While a thread awaits it the lock still counts as held for the order. */
    public Condition newCondition() {
        return lock.newCondition();
    }

    /** For the first line of a method that requires this lock. */
    public boolean isHeld() {
        return lock.isHeldByCurrentThread();
    }

    /** True when any thread holds it. */
    public boolean isLocked() {
        return lock.isLocked();
    }

    private boolean mayTake() {
        for (RankedLock held : HELD.get()) {
            int byRank = held.rank.compareTo(rank);
            if (byRank > 0 || (byRank == 0 && held.order >= order)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return rank + "#" + order;
    }
}
