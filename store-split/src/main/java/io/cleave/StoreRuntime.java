package io.cleave;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stores of one process share: the memory of their memtables, under one budget, and the threads that flush, compact and split
 * them. Any number of stores may be opened with it ({@link StoreOptions.Builder#runtime}); no thread belongs to one of them
 * alone. When memory gets short the largest memtable is flushed, whichever store it is of, and writers of all of them wait.
 *
 * <p>Ownership: the maker closes it, after the stores. Thread-safe.
 */
public final class StoreRuntime implements AutoCloseable {
    private final RuntimeResources resources;

    private StoreRuntime(RuntimeResources resources) {
        this.resources = resources;
    }

    /** What a store has that shares nothing; ends with it. */
    static RuntimeResources ofOne(Storage storage, StoreOptions options, Path store) {
        return resources(storage, options, store);
    }

    private static RuntimeResources resources(Storage storage, StoreOptions options, @Nullable Path store) {
        return new RuntimeResources(
                storage,
                options.memtableBytesMax(),
                options.memtableChunkBytes(),
                options.maintenanceThreads(),
                nameOf(store),
                store != null);
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
        return new StoreRuntime(resources(RealStorage.open(), options, null));
    }

    /** Memory of all memtables of all stores together, in bytes. */
    public long memtableBytesMax() {
        return resources.budget().limit();
    }

    /** Memory that memtables take now, in bytes. */
    public long memtableBytes() {
        return resources.budget().used();
    }

    /** Threads that flush, compact and split. */
    public int maintenanceThreads() {
        return resources.maintenanceThreads();
    }

    /** Stores that are open with it. */
    public int storeCount() {
        return resources.members().size();
    }

    /**
     * Ends the threads and gives the memory back. Idempotent.
     *
     * @throws IllegalStateException when a store is open; nothing has changed then
     */
    @Override
    public void close() {
        List<MemoryRelief> open = resources.members();
        if (!open.isEmpty()) {
            throw new IllegalStateException("runtime of " + open.size() + " open stores, among them "
                    + open.get(0).directory() + ": close them first");
        }
        resources.close();
    }

    /** Memory, threads and stores, for a log; also after the close. */
    @Override
    public String toString() {
        return "StoreRuntime[memtableBytes=" + memtableBytes() + " of " + memtableBytesMax() + ", maintenanceThreads="
                + maintenanceThreads() + ", stores=" + storeCount() + "]";
    }

    /** What its stores get. */
    RuntimeResources resources() {
        return resources;
    }
}
