package io.cleave;

import io.cleave.core.storage.StorageCounters;
import io.cleave.error.StoreException;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.RoutedIndex;
import io.cleave.split.SplitOutcome;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An embedded, ordered key-value store in one directory: named indexes, one log, background maintenance.
 *
 * <p>Ownership: the opener closes it; indexes need no closing of their own, cursors, snapshots and batches do. Closing
 * flushes and syncs; a process that dies without it loses no logged write.
 *
 * <p>Thread-safe: any number of threads may use one store. One process at a time opens a directory.
 *
 * <p>Errors: {@link StoreException} for what the outside world does wrong, {@link
 * io.cleave.error.StoreClosedException} after close.
 */
public final class SegmentStore implements AutoCloseable {
    private final StoreEngine engine;

    private SegmentStore(StoreEngine engine) {
        this.engine = engine;
    }

    /** Opens the store in a directory with default options, creating it when the directory is absent or empty. */
    public static SegmentStore open(Path directory) {
        return open(directory, StoreOptions.defaults());
    }

    /**
     * Opens the store in a directory.
     *
     * @throws StoreException.Locked when another process has it open, naming its pid
     * @throws StoreException.NotFound when there is none and it must not be created
     * @throws StoreException.Corrupt when something in the directory is damaged or foreign
     */
    public static SegmentStore open(Path directory, StoreOptions options) {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(options, "options");
        return new SegmentStore(StoreRecovery.open(directory, options));
    }

    /** The index of that name, created durably when absent. Names are 1 to 255 bytes of UTF-8. */
    public SegmentIndex index(String name) {
        Objects.requireNonNull(name, "name");
        return new SegmentIndex(engine, name, engine.openIndex(name));
    }

    /**
     * Drops an index with all it holds, durably. Its {@link SegmentIndex} objects and cursors throw from then on.
     *
     * @return false when there was none of that name
     */
    public boolean dropIndex(String name) {
        Objects.requireNonNull(name, "name");
        return engine.dropIndex(name);
    }

    /** Names of the indexes, in order. The set is the caller's. */
    public SortedSet<String> indexNames() {
        engine.requireOpen();
        return new TreeSet<>(engine.catalog().indexes().keySet());
    }

    /** An empty batch; see {@link WriteBatch}. */
    public WriteBatch batch() {
        engine.requireOpen();
        return new WriteBatch(engine);
    }

    /** The store as it is now; see {@link Snapshot}. The caller closes it. */
    public Snapshot snapshot() {
        engine.requireOpen();
        return new Snapshot(engine);
    }

    /** Returns when every write that returned before, but those of durability MEMORY, survives the death of the machine. */
    public void sync() {
        engine.sync();
    }

    /** All figures of the store: operations with latencies, memory, segments, background work, log, stalls. */
    public StoreMetrics metrics() {
        engine.requireOpen();
        return engine.meters().read();
    }

    /** What the store has done and holds, in short. */
    public StoreStats stats() {
        engine.requireOpen();
        StorageCounters counters = engine.storage().counters();
        StoreMaintenance maintenance = engine.maintenance();
        return new StoreStats(
                engine.context().snapshots().visible(),
                engine.indexes().size(),
                engine.budget().used(),
                engine.budget().limit(),
                engine.log().bytesOnDisk(),
                engine.log().files(),
                counters.mappings(),
                counters.mappedBytes(),
                counters.bytesWritten(),
                counters.syncs(),
                maintenance.workers().finishedCount(TaskKind.FLUSH),
                maintenance.workers().finishedCount(TaskKind.COMPACT)
                        + maintenance.workers().finishedCount(TaskKind.COMPACT_ALL),
                engine.meters().rewrites(SplitOutcome.SPLIT).sum().count(),
                engine.meters().rewrites(SplitOutcome.MERGED).sum().count(),
                engine.meters().rewrites(SplitOutcome.COMPACTED).sum().count(),
                maintenance.workers().failureCount(),
                engine.meters().stalls());
    }

    /** Its directory, absolute. */
    public Path directory() {
        return engine.directory();
    }

    /** Waits until no background work is queued or running: for tests and tools. */
    public void awaitMaintenance() {
        engine.requireOpen();
        engine.notices().requireOutside("awaitMaintenance");
        engine.maintenance().workers().awaitIdle();
    }

    /** Flushes, syncs and closes. Cursors and snapshots that are still open throw from then on. Idempotent. */
    @Override
    public void close() {
        engine.notices().requireOutside("close");
        engine.close();
    }

    /** For tests and tools in this package: the index behind a name, or null. */
    RoutedIndex routed(String name) {
        return engine.indexesByName().get(name);
    }

    /** For tests in this package. */
    StoreEngine engine() {
        return engine;
    }
}
