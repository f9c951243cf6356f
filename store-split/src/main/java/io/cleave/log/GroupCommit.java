package io.cleave.log;

import io.cleave.core.resource.RoomyLock;
import io.cleave.core.resource.StackRoom;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;

/**
 * Lets many threads share the forces of one log. The first that comes leads: it forces up to the newest position; those
 * that come meanwhile wait, and most of them find themselves covered afterwards.
 *
 * <p>Also keeps the first failure. After it nothing is forced any more, because a second force may report success for
 * bytes that the first one lost.
 *
 * <p>Thread-safe. The lock is held for a few instructions only; the force runs outside it, by one thread at a time.
 * Waiting ignores interrupts.
 */
final class GroupCommit {
    /** What is forced. */
    interface Source {
        /** The newest position that a force could cover. */
        long newest();

        /** Makes everything below {@code target} durable. Called by one thread at a time. */
        void force(long target);
    }

    private final Path directory;
    private final Source source;

    /** How often a leader looks whether others have come: some tens of microseconds, below what a force takes. */
    private static final int LOOKS_MAX = 1_000;

    /** Threads inside {@link #sync}: the leader, and those that wait or are about to. */
    private final AtomicInteger callers = new AtomicInteger();

    /** Callers when the last force ended. Most come back at once with their next write; only the leader uses it. */
    private int callersBefore;

    private final RoomyLock lock = new RoomyLock();
    private final Condition leaderLeft = lock.newCondition();
    /** Guarded by lock. */
    private boolean led;

    private volatile long synced;
    private volatile Throwable failure;
    private volatile boolean closed;

    GroupCommit(Path directory, Source source, long synced) {
        this.directory = directory;
        this.source = source;
        this.synced = synced;
    }

    long synced() {
        return synced;
    }

    /** Throws when the log is closed or poisoned. */
    void requireUsable() {
        if (closed) {
            throw new StoreClosedException("log " + directory + " is closed");
        }
        Throwable cause = failure;
        if (cause != null) {
            throw poisoned(cause);
        }
    }

    boolean isPoisoned() {
        return failure != null;
    }

    /** Returns when everything below {@code position} is durable; forces up to the newest position. */
    void sync(long position) {
        callers.incrementAndGet();
        try {
            while (!covered(position)) {
                gather();
                lead(Math.max(position, source.newest()));
            }
        } finally {
            callers.decrementAndGet();
        }
    }

    /** Returns when everything below {@code position} is durable; forces no more than that. */
    void syncExactly(long position) {
        while (!covered(position)) {
            lead(position);
        }
    }

    /** Keeps the first failure and returns what to throw: the failure itself when it is an {@link Error}. */
    StoreException.Poisoned poison(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
        } finally {
            lock.unlock();
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return poisoned(failure);
    }

    /** How many threads wait for the leader. */
    int waiting() {
        lock.lock();
        try {
            return lock.getWaitQueueLength(leaderLeft);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the leader, then refuses everything. */
    void close() {
        lock.lock();
        try {
            while (led) {
                leaderLeft.awaitUninterruptibly();
            }
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** True when {@code position} is durable; false when the caller has become the leader. Waits in between. */
    private boolean covered(long position) {
        requireUsable();
        if (synced >= position) {
            return true;
        }
        lock.lock();
        try {
            while (led) {
                leaderLeft.awaitUninterruptibly();
                requireUsable();
                if (synced >= position) {
                    return true;
                }
            }
            requireUsable();
            if (synced >= position) {
                return true;
            }
            // Who leads must come to the end of it: nobody else would.
            StackRoom.requireForWork();
            led = true;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets those come that shared the last force or waited for its end: without it two threads that write and sync in turns
     * always miss each other, and each force covers one of them. A thread that syncs alone does not wait. Requires: led by this
     * thread.
     */
    private void gather() {
        for (int look = 0; look < LOOKS_MAX && callers.get() < callersBefore; look++) {
            Thread.onSpinWait();
        }
    }

    /** Requires: led by this thread. */
    private void lead(long target) {
        Throwable failed = null;
        try {
            source.force(target);
        } catch (RuntimeException | Error e) {
            failed = e;
        }
        callersBefore = callers.get();
        lock.lock();
        try {
            led = false;
            if (failed == null) {
                synced = Math.max(synced, target);
            } else if (failure == null) {
                failure = failed;
            }
            leaderLeft.signalAll();
        } finally {
            lock.unlock();
        }
        if (failed != null) {
            throw poison(failed);
        }
    }

    private StoreException.Poisoned poisoned(Throwable cause) {
        return new StoreException.Poisoned("log " + directory + " takes no more writes after a failure", cause);
    }
}
