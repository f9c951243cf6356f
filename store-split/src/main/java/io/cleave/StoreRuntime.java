package io.cleave;

import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.maintenance.WorkerPool;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What stores of one process share: the memory of their memtables, under one budget, and the threads that flush, compact and split
 * them. Any number of stores may be opened with it ({@link StoreOptions.Builder#runtime}); no thread belongs to one of them
 * alone. When memory gets short the largest memtable is flushed, whichever store it is of, and writers of all of them wait.
 *
 * <p>Ownership: the maker closes it, after the stores. Thread-safe.
 */
public final class StoreRuntime implements AutoCloseable {
    private final MemoryBudget budget;
    private final ChunkPool pool;
    private final WorkerPool workers;
    private final int maintenanceThreads;
    private final boolean ofOne;
    private final List<StoreEngine> engines = new CopyOnWriteArrayList<>();
    private final AtomicInteger pressureFlushes = new AtomicInteger();

    private StoreRuntime(Storage storage, StoreOptions options, @Nullable Path store) {
        this.ofOne = store != null;
        this.maintenanceThreads = options.maintenanceThreads();
        this.budget = new MemoryBudget(options.memtableBytesMax());
        this.pool = new ChunkPool(storage, options.memtableChunkBytes(), options.memtableBytesMax());
        this.workers = new WorkerPool(storage, maintenanceThreads, nameOf(store));
    }

    /** What a store has that shares nothing; ends with it. */
    static StoreRuntime ofOne(Storage storage, StoreOptions options, Path store) {
        return new StoreRuntime(storage, options, store);
    }

    /** What its threads are named after, so that a dump of the threads tells whose they are. */
    private static String nameOf(@Nullable Path store) {
        Path name = store == null ? null : store.getFileName();
        return store == null ? "shared" : LogText.name(name == null ? store.toString() : name.toString());
    }

    /**
     * Starts the threads.
     *
     * @param memtableBytesMax memory of all memtables of all stores together; see {@link StoreOptions.Builder#memtableBytesMax}
     * @param maintenanceThreads 1 to 64; one more takes care of the logs
     * @throws io.cleave.error.StoreException.LimitReached when the system refuses a thread
     */
    public static StoreRuntime start(long memtableBytesMax, int maintenanceThreads) {
        if (maintenanceThreads < 1) {
            throw new IllegalArgumentException("maintenanceThreads: expected at least 1, found " + maintenanceThreads);
        }
        StoreOptions options = StoreOptions.builder()
                .memtableBytesMax(memtableBytesMax)
                .maintenanceThreads(maintenanceThreads)
                .build();
        return new StoreRuntime(RealStorage.open(), options, null);
    }

    /** Memory of all memtables of all stores together, in bytes. */
    public long memtableBytesMax() {
        return budget.limit();
    }

    /** Memory that memtables take now, in bytes. */
    public long memtableBytes() {
        return budget.used();
    }

    /** Threads that flush, compact and split. */
    public int maintenanceThreads() {
        return maintenanceThreads;
    }

    /** Stores that are open with it. */
    public int storeCount() {
        return engines.size();
    }

    /**
     * Ends the threads and gives the memory back. Idempotent.
     *
     * @throws IllegalStateException when a store is open; nothing has changed then
     */
    @Override
    public void close() {
        if (!engines.isEmpty()) {
            throw new IllegalStateException("runtime of " + engines.size() + " open stores, among them "
                    + engines.get(0).directory() + ": close them first");
        }
        workers.close();
        pool.close();
    }

    /** Memory, threads and stores, for a log; also after the close. */
    @Override
    public String toString() {
        return "StoreRuntime[memtableBytes=" + memtableBytes() + " of " + memtableBytesMax() + ", maintenanceThreads="
                + maintenanceThreads + ", stores=" + storeCount() + "]";
    }

    void add(StoreEngine engine) {
        engines.add(engine);
    }

    /** The store is closed: its work is done, its memtables are gone. */
    void remove(StoreEngine engine) {
        engines.remove(engine);
        if (engine.maintenance() != null) {
            engine.maintenance().relief().rest().close();
        }
        if (ofOne) {
            close();
        }
    }

    /** Whether it belongs to one store alone. */
    boolean isOfOne() {
        return ofOne;
    }

    List<StoreEngine> engines() {
        return engines;
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

    /** Flushes under way because memory was short, of all stores. */
    AtomicInteger pressureFlushes() {
        return pressureFlushes;
    }
}
