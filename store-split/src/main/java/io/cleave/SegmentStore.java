package io.cleave;

import io.cleave.core.storage.StorageCounters;
import io.cleave.error.StoreException;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.RoutedIndex;
import io.cleave.split.SplitOutcome;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An embedded, ordered key-value store in one directory: named indexes, one log, background maintenance.
 *
 * <p>Ownership: the opener closes it; indexes need no closing of their own, cursors, snapshots and batches do. Closing
 * flushes and syncs; a process that dies without it loses no logged write. A store that becomes unreachable without a close,
 * with everything it gave out, is closed by the clean-up thread; see {@link LeakDetection}.
 *
 * <p>Thread-safe: any number of threads may use one store. One process at a time opens a directory.
 *
 * <p>Errors: {@link StoreException} for what the outside world does wrong, {@link
 * io.cleave.error.StoreClosedException} after close.
 */
public final class SegmentStore implements AutoCloseable {
    private final StoreEngine engine;
    private final OpenStoreHandle handle;

    private SegmentStore(StoreEngine engine) {
        this.engine = engine;
        this.handle = new OpenStoreHandle(this, engine);
        engine.leaks().track(handle);
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
        StoreEngine engine = StoreOpening.open(directory, options);
        try {
            engine.leaks().begin();
        } catch (RuntimeException | Error e) {
            engine.abandon();
            throw e;
        }
        return new SegmentStore(engine);
    }

    /** The index of that name, created durably when absent. Names are 1 to 255 bytes of UTF-8. */
    public SegmentIndex index(String name) {
        try {
            Objects.requireNonNull(name, "name");
            return new SegmentIndex(this, name, engine.indexSet().open(name, null));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The index of that name, created durably and with options of its own when absent. One that is there keeps its options, see
     * {@link #alterIndex}.
     */
    public SegmentIndex index(String name, IndexOptions options) {
        try {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(options, "options");
            return new SegmentIndex(this, name, engine.indexSet().open(name, options));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The index of that name, which must be there.
     *
     * @throws StoreException.NotFound when there is none, naming those that there are
     */
    public SegmentIndex openIndex(String name) {
        try {
            Objects.requireNonNull(name, "name");
            return new SegmentIndex(this, name, engine.indexSet().existing(name));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** True when there is an index of that name. */
    public boolean hasIndex(String name) {
        Objects.requireNonNull(name, "name");
        return engine.indexSet().has(name);
    }

    /**
     * Keeps what an index writes from now on in another way, durably: the runs of later flushes and compactions, and the splits
     * and merges that come of them. What is written stays as it is until it is rewritten, see {@link SegmentIndex#rewrite}.
     *
     * @throws StoreException.NotFound when there is no index of that name
     */
    public void alterIndex(String name, IndexOptions options) {
        try {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(options, "options");
            engine.indexSet().alter(name, options);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Drops an index with all it holds, durably. Its {@link SegmentIndex} objects and cursors, and reads of it in a snapshot, throw
     * {@link StoreException.NotFound} from then on, also when an index of that name is made anew.
     *
     * @return false when there was none of that name
     */
    public boolean dropIndex(String name) {
        try {
            Objects.requireNonNull(name, "name");
            return engine.indexSet().drop(name);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Names of the indexes, in order. The set is the caller's. */
    public SortedSet<String> indexNames() {
        engine.gate().requireOpen();
        return new TreeSet<>(engine.catalog().indexes().keySet());
    }

    /** An empty batch; see {@link WriteBatch}. */
    public WriteBatch batch() {
        engine.gate().requireAccepting();
        return new WriteBatch(this);
    }

    /** The store as it is now; see {@link Snapshot}. The caller closes it. */
    public Snapshot snapshot() {
        engine.gate().requireAccepting();
        return new Snapshot(this);
    }

    /** Returns when every write that returned before, but those of durability MEMORY, survives the death of the machine. */
    public void sync() {
        try {
            engine.sync();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** All figures of the store: operations with latencies, memory, segments, background work, log, stalls. */
    public StoreMetrics metrics() {
        engine.gate().requireOpen();
        return engine.meters().read();
    }

    /** What the store has done and holds, in short. */
    public StoreStats stats() {
        engine.gate().requireOpen();
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
                        + maintenance.workers().finishedCount(TaskKind.COMPACT_ALL)
                        + maintenance.workers().finishedCount(TaskKind.COMPACT_READ)
                        + maintenance.workers().finishedCount(TaskKind.RECLAIM)
                        + maintenance.workers().finishedCount(TaskKind.REWRITE),
                engine.shared().work().rewrites(SplitOutcome.SPLIT).sum().count(),
                engine.shared().work().rewrites(SplitOutcome.MERGED).sum().count(),
                engine.shared().work().rewrites(SplitOutcome.COMPACTED).sum().count(),
                maintenance.workers().failureCount(),
                engine.meters().stalls());
    }

    /** Cursors, snapshots and batches of this store that became unreachable without a close. Also after the close. */
    public LeakStats leaks() {
        return engine.leaks().stats();
    }

    /** Its directory, absolute. */
    public Path directory() {
        return engine.directory();
    }

    /** Waits until no background work is queued or running: for tests and tools. */
    public void awaitMaintenance() {
        try {
            engine.gate().requireOpen();
            engine.notices().requireOutside("awaitMaintenance");
            engine.maintenance().workers().awaitIdle();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Flushes, syncs and closes. Cursors and snapshots that are still open throw from then on and hold nothing any more; one that
     * is in the middle of a call lets go at its end. Idempotent.
     */
    @Override
    public void close() {
        engine.notices().requireOutside("close");
        try {
            handle.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Closes once its users have let go: opens no cursor, snapshot or batch from now on, tells the listener ({@link
     * StoreListener#storeClosing}), waits until those that are open have been closed, and closes as {@link #close} does. Reads and
     * writes go on meanwhile. With {@link LeakDetection#OFF} it does not know who holds what, and does not wait.
     *
     * @param patience how long to wait at most; not at all when it is negative
     * @return cursors, snapshots and batches that were still open and were cut off
     */
    public int close(Duration patience) {
        long nanos = nanos(patience);
        engine.notices().requireOutside("close");
        int left = 0;
        if (!engine.gate().isClosed()) {
            engine.gate().drain();
            int open = engine.leaks().open().size();
            String store = engine.directory().toString();
            engine.notices().tell(listener -> listener.storeClosing(store, open));
            left = engine.leaks().awaitNone(engine.storage()::nanoTime, nanos);
        }
        close();
        return left;
    }

    /** 292 years stand for all that is longer. */
    private static long nanos(Duration patience) {
        Objects.requireNonNull(patience, "patience");
        if (patience.isNegative()) {
            return 0;
        }
        boolean fits = patience.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0;
        return fits ? patience.toNanos() : Long.MAX_VALUE;
    }

    /** Directory and state, for a log; also after the close. */
    @Override
    public String toString() {
        return "SegmentStore[" + engine.directory() + ", " + engine.gate() + "]";
    }

    /** For tests and tools in this package: the index behind a name, or null. */
    @Nullable
    RoutedIndex routed(String name) {
        return engine.indexesByName().get(name);
    }

    /** For tests in this package. */
    StoreEngine engine() {
        return engine;
    }
}
