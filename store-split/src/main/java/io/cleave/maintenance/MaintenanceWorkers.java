package io.cleave.maintenance;

import io.cleave.core.resource.StackRoom;
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
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The queue of a store's tasks, oldest first, which a {@link WorkerPool} works on. When that has no threads, tasks run on whoever
 * calls {@link #runQueued} or waits for one.
 *
 * <p>Ownership: closing it finishes the running tasks and cancels the queued ones; the pool lives on. Thread-safe.
 *
 * <p>Errors: a task's exception completes its future and is told to the failure listener; the worker goes on. What is cancelled or
 * refused by the close ends with {@link StoreClosedException}.
 */
public final class MaintenanceWorkers implements AutoCloseable {
    private final Storage storage;
    private final WorkerPool pool;
    private final BiConsumer<TaskKey, Throwable> failureListener;

    /** Guarded by the pool's lock, as are the next four. */
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
     * An empty queue.
     *
     * @param storage tells time
     * @param pool does the work; lives on when this is closed
     * @param failureListener told what a task threw, on the worker's thread
     */
    public MaintenanceWorkers(Storage storage, WorkerPool pool, BiConsumer<TaskKey, Throwable> failureListener) {
        this.storage = storage;
        this.pool = pool;
        this.failureListener = failureListener;
        pool.add(this);
    }

    /** Queues work unless the same is queued already; the handle tells when it has ended. */
    public TaskHandle submit(TaskKey key, Runnable body) {
        // A task that is half queued would be waited for without an end.
        StackRoom.requireForWork();
        pool.lock.lock();
        try {
            if (closed) {
                TaskHandle refused = new TaskHandle();
                refused.end(closing());
                return refused;
            }
            Task task = queued.computeIfAbsent(key, absent -> new Task(key, body));
            pool.changed.signalAll();
            return task.done;
        } finally {
            pool.lock.unlock();
        }
    }

    /** Queues {@code body} again and again. Nothing happens without threads. */
    public void submitEvery(long millis, TaskKey key, Runnable body) {
        pool.lock.lock();
        try {
            periodic.add(new Periodic(TimeUnit.MILLISECONDS.toNanos(millis), key, body, storage.nanoTime()));
            pool.changed.signalAll();
        } finally {
            pool.lock.unlock();
        }
    }

    /**
     * Waits for a task; without threads works on the queue meanwhile. The task's own exception is thrown as it is when it is
     * unchecked.
     */
    public void await(TaskHandle task) {
        if (pool.threadCount() == 0) {
            runQueued();
        }
        try {
            task.join();
        } catch (CompletionException e) {
            throw asUnchecked(e.getCause());
        }
    }

    /** Waits for all of them, then throws the first failure. */
    public void awaitAll(List<TaskHandle> tasks) {
        RuntimeException first = null;
        for (TaskHandle task : tasks) {
            try {
                await(task);
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Runs what is queued on this thread until nothing is left, when there are no workers. */
    public void runQueued() {
        if (pool.threadCount() > 0) {
            return;
        }
        for (Task task = tryTake(); task != null; task = tryTake()) {
            run(task);
        }
    }

    /** Waits until nothing is queued or running. Tasks may queue others; those are waited for too. */
    public void awaitIdle() {
        runQueued();
        pool.lock.lock();
        try {
            while (!closed && !(queued.isEmpty() && running.isEmpty())) {
                pool.changed.awaitUninterruptibly();
            }
        } finally {
            pool.lock.unlock();
        }
    }

    /** Tasks that wait. */
    public int queuedCount() {
        pool.lock.lock();
        try {
            return queued.size();
        } finally {
            pool.lock.unlock();
        }
    }

    /** Tasks of a kind that ended well. */
    public long finishedCount(TaskKind kind) {
        pool.lock.lock();
        try {
            return finished.getOrDefault(kind, 0L);
        } finally {
            pool.lock.unlock();
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
        pool.lock.lock();
        try {
            closed = true;
            cancelled.addAll(queued.values());
            queued.clear();
            periodic.clear();
            pool.changed.signalAll();
        } finally {
            pool.lock.unlock();
        }
        cancelled.forEach(task -> task.done.end(closing()));
        awaitRunning();
        pool.remove(this);
    }

    /** Without threads a task runs on whoever asked for it, maybe on the caller. */
    private void awaitRunning() {
        pool.lock.lock();
        try {
            while (pool.threadCount() > 0 && !running.isEmpty()) {
                pool.changed.awaitUninterruptibly();
            }
        } finally {
            pool.lock.unlock();
        }
    }

    /** What a task ends with that will not run any more: whoever waits for it uses a store that is closed under him. */
    private static StoreClosedException closing() {
        return new StoreClosedException("store is closing");
    }

    private Task tryTake() {
        pool.lock.lock();
        try {
            return closed ? null : poll(WorkerPool::isAny);
        } finally {
            pool.lock.unlock();
        }
    }

    /** The oldest task of the given kinds whose group is free, or null. The caller holds the pool's lock and runs it. */
    Runnable pollLocked(Predicate<TaskKind> kinds) {
        Task task = poll(kinds);
        return task == null ? null : () -> run(task);
    }

    private Task poll(Predicate<TaskKind> kinds) {
        for (Iterator<Task> tasks = queued.values().iterator(); tasks.hasNext(); ) {
            Task task = tasks.next();
            if (kinds.test(task.key.kind()) && running.add(task.key.group())) {
                tasks.remove();
                return task;
            }
        }
        return null;
    }

    /**
     * Queues periodic work that is due. The caller holds the pool's lock.
     *
     * @return nanoseconds to the next, {@link Long#MAX_VALUE} when there is none
     */
    long queueDuePeriodic() {
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
            tellQuietly(task.key, thrown);
        }
        pool.lock.lock();
        try {
            running.remove(task.key.group());
            if (thrown == null) {
                finished.merge(task.key.kind(), 1L, Long::sum);
            }
            pool.changed.signalAll();
        } finally {
            pool.lock.unlock();
        }
        task.done.end(thrown);
    }

    /** Where files have run out even a class may be one that can't be loaded: the worker lives on, and the task ends. */
    private void tellQuietly(TaskKey key, Throwable thrown) {
        try {
            tellFailure(key, thrown);
        } catch (Throwable t) {
            thrown.addSuppressed(t);
        }
    }

    /** Counts a failure and tells the listener: of a task, or of a part of one that goes on without it. */
    public void tellFailure(TaskKey key, Throwable thrown) {
        failures.incrementAndGet();
        lastFailure = new Failure(key, thrown);
        tellListener(key, thrown);
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
