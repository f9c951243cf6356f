package io.cleave;

import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.storage.Storage;
import io.cleave.maintenance.WorkerPool;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the stores of one {@link StoreRuntime} share: memory of memtables, its budget, and threads; and which stores take part. A
 * runtime that belongs to a single store ends with it.
 *
 * <p>Thread-safe.
 */
final class RuntimeResources {
    private final MemoryBudget budget;
    private final ChunkPool pool;
    private final WorkerPool workers;
    private final int maintenanceThreads;
    private final boolean ofOne;
    private final List<MemoryRelief> members = new CopyOnWriteArrayList<>();
    private final AtomicInteger pressureFlushes = new AtomicInteger();

    /**
     * Starts the threads.
     *
     * @param name what they are named after, so that a dump of the threads tells whose they are
     * @param ofOne whether it belongs to a single store
     */
    RuntimeResources(
            Storage storage,
            long memtableBytesMax,
            int chunkBytes,
            int maintenanceThreads,
            String name,
            boolean ofOne) {
        this.ofOne = ofOne;
        this.maintenanceThreads = maintenanceThreads;
        this.budget = new MemoryBudget(memtableBytesMax);
        this.pool = new ChunkPool(storage, chunkBytes, memtableBytesMax);
        this.workers = new WorkerPool(storage, maintenanceThreads, name);
    }

    MemoryBudget budget() {
        return budget;
    }

    ChunkPool pool() {
        return pool;
    }

    WorkerPool workers() {
        return workers;
    }

    /** Threads that flush, compact and split; 0 when callers do. */
    int maintenanceThreads() {
        return maintenanceThreads;
    }

    /** Whether it belongs to one store alone. */
    boolean isOfOne() {
        return ofOne;
    }

    /** Flushes under way because memory was short, of all stores. */
    AtomicInteger pressureFlushes() {
        return pressureFlushes;
    }

    /** The stores that are open, each by its part in keeping memory below the budget. */
    List<MemoryRelief> members() {
        return members;
    }

    /** A store is open. */
    void add(MemoryRelief member) {
        members.add(member);
    }

    /** A store is closed: its work is done, its memtables are gone. Null for one that did not get so far. */
    void remove(MemoryRelief member) {
        if (member != null) {
            members.remove(member);
            member.rest().close();
        }
        if (ofOne) {
            close();
        }
    }

    /** Ends the threads and gives the memory back. Idempotent. */
    void close() {
        workers.close();
        pool.close();
    }
}
