package io.cleave.core.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;

/**
 * A mutex that asserts the order of {@link LockRank}; locks of one rank are taken by rising order number. Not reentrant.
 * With assertions off it is a plain lock. Thread-safe.
 */
public final class RankedLock {
    private static final ThreadLocal<List<RankedLock>> HELD = ThreadLocal.withInitial(ArrayList::new);

    private final RoomyLock lock;
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
        // A commit takes less than a check of the stack would add: CommitPath looks after its lock.
        this.lock = new RoomyLock(rank == LockRank.COMMIT ? 0 : StackRoom.FRAMES_OF_LOCK);
        this.rank = rank;
        this.order = order;
    }

    /** Waits for the lock. Interrupts are left pending. Whatever is thrown, the lock is not held then. */
    public void lock() {
        assert mayTake() : "taking " + this + " while holding " + HELD.get();
        lock.lock();
        assert isNoted();
    }

    /** Takes the lock if nobody holds it, whatever else the caller holds: who does not wait can't deadlock. */
    public boolean tryLock() {
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return false;
        }
        assert isNoted();
        return true;
    }

    /** Notes for the order that it is held; gives it back if that fails. */
    private boolean isNoted() {
        boolean noted = false;
        try {
            noted = HELD.get().add(this);
            return noted;
        } finally {
            if (!noted) {
                lock.unlock();
            }
        }
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
