package io.cleave.core.resource;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is to be unmapped, and deleted if that was asked for, when no reader is left. Keeps what failed and tries again.
 * Thread-safe.
 */
final class CleanUps<T extends MappedResource> {
    private final Storage storage;
    private final Executor background;
    private final Queue<Pending<T>> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<Pending<T>> failed = new ConcurrentLinkedQueue<>();
    /** By path, from the last release to the deletion. */
    private final Map<Path, Pending<T>> deletions = new ConcurrentHashMap<>();

    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong leaks = new AtomicLong();
    private volatile boolean closed;

    CleanUps(Storage storage, Executor background) {
        this.storage = storage;
        this.background = background;
    }

    /** Its last holder has let go; somebody may still be reading it. */
    Pending<T> begin(T resource) {
        Pending<T> pending = new Pending<>(resource, storage.nanoTime());
        if (resource.isDeleted()) {
            deletions.put(resource.path(), pending);
        }
        return pending;
    }

    /** Nobody reads it any more. */
    void add(Pending<T> pending) {
        waiting.add(pending);
        if (closed) {
            runAll();
        } else if (scheduled.compareAndSet(false, true)) {
            background.execute(this::runAll);
        }
    }

    void runAll() {
        scheduled.set(false);
        for (Pending<T> next = waiting.poll(); next != null; next = waiting.poll()) {
            run(next);
        }
    }

    /** Also does what the background has refused to. */
    void retry() {
        runAll();
        List<Pending<T>> again = new ArrayList<>();
        for (Pending<T> next = failed.poll(); next != null; next = failed.poll()) {
            again.add(next);
        }
        again.forEach(this::run);
    }

    void close() {
        closed = true;
        retry();
    }

    /** Somebody maps a new file of this name: what was to be deleted has gone. */
    void supersede(Path path) {
        Pending<T> pending = deletions.remove(path);
        if (pending != null) {
            pending.supersede();
        }
    }

    void countLeak(Path path) {
        leaks.incrementAndGet();
        System.getLogger(MappedResources.class.getName())
                .log(System.Logger.Level.WARNING, path + ": its last holder was collected without a release");
    }

    MappedStats stats(int active, long references, int lingering, long mappedBytes) {
        long now = storage.nanoTime();
        int deletes = 0;
        long deleteBytes = 0;
        long oldest = 0;
        long bytes = mappedBytes;
        for (Pending<T> pending : deletions.values()) {
            deletes++;
            deleteBytes += pending.resource.mappedBytes();
            oldest = Math.max(oldest, now - pending.since);
        }
        for (Queue<Pending<T>> queue : List.of(waiting, failed)) {
            for (Pending<T> pending : queue) {
                bytes += pending.unmapped ? 0 : pending.resource.mappedBytes();
            }
        }
        return new MappedStats(
                active, references, lingering, bytes, deletes, deleteBytes, oldest, leaks.get(), failures.get());
    }

    private void run(Pending<T> pending) {
        T resource = pending.resource;
        try {
            if (!pending.unmapped) {
                resource.unmap();
                pending.unmapped = true;
            }
            synchronized (pending) {
                if (resource.isDeleted() && !pending.superseded) {
                    delete(resource.path());
                    deletions.remove(resource.path(), pending);
                }
            }
        } catch (RuntimeException | Error e) {
            failures.incrementAndGet();
            if (!pending.told) {
                pending.told = true;
                System.getLogger(MappedResources.class.getName())
                        .log(System.Logger.Level.WARNING, "clean-up of " + resource.path() + " failed, is kept", e);
            }
            failed.add(pending);
        }
    }

    private void delete(Path path) {
        try {
            storage.delete(path);
        } catch (StoreException.NotFound e) {
            // Its directory went first, with everything in it.
            assert storage.kind(path) == Storage.PathKind.ABSENT;
        }
    }

    /** In one queue at a time, and so used by one thread at a time. */
    static final class Pending<T extends MappedResource> {
        private final T resource;
        private final long since;
        private boolean unmapped;
        private boolean told;
        private volatile boolean superseded;

        Pending(T resource, long since) {
            this.resource = resource;
            this.since = since;
        }

        /** Waits for a deletion that is under way. */
        synchronized void supersede() {
            superseded = true;
        }
    }
}
