package io.cleave.maintenance;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * A queue of tasks and the threads that work on it, oldest first. One thread more than asked for takes the urgent tasks only,
 * those of the log, so that a writer never waits for a log file behind the rewrite of a segment. With no threads, tasks run
 * on whoever calls {@link #runQueued} or waits for one.
 *
 * <p>Ownership: closing it finishes the running tasks, cancels the queued ones and ends the threads. Thread-safe.
 *
 * <p>Errors: a task's exception completes its future and is told to the failure listener; the worker goes on. What is cancelled or
 * refused by the close ends with {@link StoreClosedException}.
 */
public final class MaintenanceWorkers implements AutoCloseable {
    private final Storage storage;
    private final BiConsumer<TaskKey, Throwable> failureListener;
    private final List<Thread> threads = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by {@link #lock}, as are the next four. */
    private final Map<TaskKey, Task> queued = new LinkedHashMap<>();

    private final Set<TaskKey.Group> running = new HashSet<>();
    private final List<Periodic> periodic = new ArrayList<>();
    private final Map<TaskKind, Long> finished = new HashMap<>();
    private boolean closed;

    private final AtomicLong failures = new AtomicLong();
    private volatile Failure lastFailure;

    /**
     * The latest failure.
     *
     * @param key the task
     * @param cause what it threw
     */
    public record Failure(TaskKey key, Throwable cause) {}

    /**
     * Starts the workers.
     *
     * @param storage makes threads and tells time
     * @param threadCount 0 for none
     * @param failureListener told what a task threw, on the worker's thread
     * @throws StoreException.LimitReached when the system refuses a thread; those that had begun have ended then
     */
    public MaintenanceWorkers(Storage storage, int threadCount, BiConsumer<TaskKey, Throwable> failureListener) {
        this.storage = storage;
        this.failureListener = failureListener;
        try {
            for (int i = 1; i <= threadCount; i++) {
                start("cleave-maintenance-" + i, MaintenanceWorkers::isAny);
            }
            if (threadCount > 0) {
                start("cleave-log", TaskKind::isUrgent);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
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

    /** Queues work unless the same is queued already; the handle tells when it has ended. */
    public TaskHandle submit(TaskKey key, Runnable body) {
        lock.lock();
        try {
            if (closed) {
                TaskHandle refused = new TaskHandle();
                refused.end(closing());
                return refused;
            }
            Task task = queued.computeIfAbsent(key, absent -> new Task(key, body));
            changed.signalAll();
            return task.done;
        } finally {
            lock.unlock();
        }
    }

    /** Queues {@code body} again and again. Nothing happens without threads. */
    public void submitEvery(long millis, TaskKey key, Runnable body) {
        lock.lock();
        try {
            periodic.add(new Periodic(TimeUnit.MILLISECONDS.toNanos(millis), key, body, storage.nanoTime()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a task; without threads works on the queue meanwhile. The task's own exception is thrown as it is when it is
     * unchecked.
     */
    public void await(TaskHandle task) {
        if (threads.isEmpty()) {
            runQueued();
        }
        try {
            task.join();
        } catch (CompletionException e) {
            throw asUnchecked(e.getCause());
        }
    }

    /** Runs what is queued on this thread until nothing is left, when there are no workers. */
    public void runQueued() {
        if (!threads.isEmpty()) {
            return;
        }
        for (Task task = tryTake(); task != null; task = tryTake()) {
            run(task);
        }
    }

    /** Waits until nothing is queued or running. Tasks may queue others; those are waited for too. */
    public void awaitIdle() {
        runQueued();
        lock.lock();
        try {
            while (!closed && !(queued.isEmpty() && running.isEmpty())) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tasks that wait. */
    public int queuedCount() {
        lock.lock();
        try {
            return queued.size();
        } finally {
            lock.unlock();
        }
    }

    /** Tasks of a kind that ended well. */
    public long finishedCount(TaskKind kind) {
        lock.lock();
        try {
            return finished.getOrDefault(kind, 0L);
        } finally {
            lock.unlock();
        }
    }

    /** Tasks that threw. */
    public long failureCount() {
        return failures.get();
    }

    /** The latest failure, or null. */
    public Failure lastFailure() {
        return lastFailure;
    }

    @Override
    public void close() {
        Deque<Task> cancelled = new ArrayDeque<>();
        lock.lock();
        try {
            closed = true;
            cancelled.addAll(queued.values());
            queued.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        cancelled.forEach(task -> task.done.end(closing()));
        threads.forEach(MaintenanceWorkers::joinUninterruptibly);
    }

    /** What a task ends with that will not run any more: whoever waits for it uses a store that is closed under him. */
    private static StoreClosedException closing() {
        return new StoreClosedException("store is closing");
    }

    private static boolean isAny(TaskKind kind) {
        return kind != null;
    }

    private void work(Predicate<TaskKind> kinds) {
        for (Task task = take(kinds); task != null; task = take(kinds)) {
            run(task);
        }
    }

    /** The oldest task of the given kinds whose group is free; waits for one. Null when closed. */
    private Task take(Predicate<TaskKind> kinds) {
        lock.lock();
        try {
            while (!closed) {
                long waitNanos = queueDuePeriodic();
                Task task = pollLocked(kinds);
                if (task != null) {
                    return task;
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

    private Task tryTake() {
        lock.lock();
        try {
            return closed ? null : pollLocked(MaintenanceWorkers::isAny);
        } finally {
            lock.unlock();
        }
    }

    private Task pollLocked(Predicate<TaskKind> kinds) {
        for (Iterator<Task> tasks = queued.values().iterator(); tasks.hasNext(); ) {
            Task task = tasks.next();
            if (kinds.test(task.key.kind()) && running.add(task.key.group())) {
                tasks.remove();
                return task;
            }
        }
        return null;
    }

    /** Queues periodic work that is due. Returns nanoseconds to the next, {@link Long#MAX_VALUE} when there is none. */
    private long queueDuePeriodic() {
        long next = Long.MAX_VALUE;
        for (Periodic work : periodic) {
            long now = storage.nanoTime();
            if (now - work.lastNanos >= work.everyNanos) {
                work.lastNanos = now;
                queued.computeIfAbsent(work.key, absent -> new Task(work.key, work.body));
            }
            next = Math.min(next, work.everyNanos - (now - work.lastNanos));
        }
        return next;
    }

    private void run(Task task) {
        Throwable thrown = null;
        try {
            task.body.run();
        } catch (Throwable t) {
            // Whatever it is, the worker must live on: a dead worker would let memtables grow for ever.
            thrown = t;
        }
        if (thrown != null) {
            failures.incrementAndGet();
            lastFailure = new Failure(task.key, thrown);
            tellListener(task.key, thrown);
        }
        lock.lock();
        try {
            running.remove(task.key.group());
            if (thrown == null) {
                finished.merge(task.key.kind(), 1L, Long::sum);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        task.done.end(thrown);
    }

    private void tellListener(TaskKey key, Throwable thrown) {
        try {
            failureListener.accept(key, thrown);
        } catch (RuntimeException | Error e) {
            thrown.addSuppressed(e);
        }
    }

    private static RuntimeException asUnchecked(Throwable cause) {
        if (cause instanceof RuntimeException unchecked) {
            return unchecked;
        }
        return new StoreException.TaskFailed("maintenance failed", cause);
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Task {
        private final TaskKey key;
        private final Runnable body;
        private final TaskHandle done = new TaskHandle();

        Task(TaskKey key, Runnable body) {
            this.key = key;
            this.body = body;
        }
    }

    private static final class Periodic {
        private final long everyNanos;
        private final TaskKey key;
        private final Runnable body;
        private long lastNanos;

        Periodic(long everyNanos, TaskKey key, Runnable body, long lastNanos) {
            this.everyNanos = everyNanos;
            this.key = key;
            this.body = body;
            this.lastNanos = lastNanos;
        }
    }
}
