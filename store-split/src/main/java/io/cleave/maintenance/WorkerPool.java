package io.cleave.maintenance;

import io.cleave.core.resource.RoomyLock;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.Uninterrupted;
import io.cleave.error.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.function.Predicate;

/**
 * Threads that work on the queues of any number of stores, each queue in turn. One thread more than asked for takes the urgent
 * tasks only, those of the logs, so that a writer never waits for a log file behind the rewrite of a segment.
 *
 * <p>Ownership: whoever made it closes it, after the queues; that ends the threads. Thread-safe.
 */
public final class WorkerPool implements AutoCloseable {
    /** Guards the queues as well as the list of them: a worker looks at all of them at once. */
    final RoomyLock lock = new RoomyLock();

    final Condition changed = lock.newCondition();

    private final Storage storage;
    private final List<Thread> threads = new ArrayList<>();
    /** Guarded by {@link #lock}, as are the next two. */
    private final List<MaintenanceWorkers> queues = new ArrayList<>();

    /** The queue that is looked at first, so that each gets its turn. */
    private int first;

    private boolean closed;

    /**
     * Starts the threads.
     *
     * @param storage makes threads
     * @param threadCount 0 for none: then tasks run on whoever waits for them
     * @param name stands at the end of the threads' names
     * @throws StoreException.LimitReached when the system refuses a thread; those that had begun have ended then
     */
    public WorkerPool(Storage storage, int threadCount, String name) {
        this.storage = storage;
        try {
            for (int i = 1; i <= threadCount; i++) {
                start("cleave-maintenance-" + i + " " + name, WorkerPool::isAny);
            }
            if (threadCount > 0) {
                start("cleave-log " + name, TaskKind::isUrgent);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Ends the threads once they have finished what they are at. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        threads.forEach(Uninterrupted::join);
    }

    /** Threads of any kind. */
    public int threadCount() {
        return threads.size();
    }

    /** Queues that are open. */
    public int queueCount() {
        lock.lock();
        try {
            return queues.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the current thread is one of its threads. */
    public boolean isWorker() {
        return threads.contains(Thread.currentThread());
    }

    void add(MaintenanceWorkers queue) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the threads that stores share have ended: it was closed");
            }
            queues.add(queue);
        } finally {
            lock.unlock();
        }
    }

    void remove(MaintenanceWorkers queue) {
        lock.lock();
        try {
            queues.remove(queue);
        } finally {
            lock.unlock();
        }
    }

    static boolean isAny(TaskKind kind) {
        return kind != null;
    }

    /** Made and started one by one: a thread that was made and never starts would be counted for ever. */
    private void start(String name, Predicate<TaskKind> kinds) {
        Thread thread = storage.newThread(name, () -> work(kinds));
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            StoreException.LimitReached refused = new StoreException.LimitReached(
                    "threads: the system refuses " + name + " (ulimit -u, memory for its stack): " + e.getMessage());
            refused.addSuppressed(e);
            throw refused;
        }
        threads.add(thread);
    }

    private void work(Predicate<TaskKind> kinds) {
        for (Runnable task = take(kinds); task != null; task = take(kinds)) {
            task.run();
        }
    }

    /** A task of the given kinds from the next queue that has one; waits for one. Null when closed. */
    private Runnable take(Predicate<TaskKind> kinds) {
        lock.lock();
        try {
            while (!closed) {
                long waitNanos = Long.MAX_VALUE;
                for (int i = 0; i < queues.size(); i++) {
                    MaintenanceWorkers queue = queues.get((first + i) % queues.size());
                    waitNanos = Math.min(waitNanos, queue.queueDuePeriodic());
                    Runnable task = queue.pollLocked(kinds);
                    if (task != null) {
                        first = (first + i + 1) % queues.size();
                        return task;
                    }
                }
                awaitChange(waitNanos);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a signal or a time; the caller loops. */
    @SuppressWarnings("WaitNotInLoop")
    private void awaitChange(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            changed.awaitUninterruptibly();
            return;
        }
        try {
            changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody but a careless user of Thread.getAllStackTraces interrupts a worker; the work goes on.
            Thread.interrupted();
        }
    }
}
