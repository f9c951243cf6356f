package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentOptions;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.event.SegmentPlace;
import io.cleave.log.LogOptions;
import io.cleave.log.WriteAheadLog;
import io.cleave.route.RetryPolicy;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The parts of one open store and its life: lock, catalog, indexes, log, maintenance, and whether writes are still allowed.
 * What users see is a {@link SegmentStore}.
 *
 * <p>Ownership: closes everything it opened, but not a storage that was handed to it. Thread-safe.
 */
final class StoreEngine {
    private static final int DRAIN_ROUNDS = 1_000;

    private final Path directory;
    private final StoreOptions options;
    private final Storage storage;
    private final StorageLock lock;
    private final StoreRuntime runtime;
    private final SegmentContext context;
    private final StoreNotices notices;
    private final OperationTimes operations;
    private final StoreMeters meters = new StoreMeters(this);
    private final RankedLock storeLock = new RankedLock(LockRank.STORE);
    private final StoreLeaks leaks;

    /** By index id. Indexes are added and removed under the store lock. */
    private final Map<Integer, RoutedIndex> indexes = new ConcurrentHashMap<>();

    /** Guarded by the store lock for writing. */
    private volatile StoreCatalog catalog;

    private final AtomicReference<Throwable> poison = new AtomicReference<>();
    private volatile boolean closed;

    /** Set once by recovery, before anybody else sees the engine. */
    private WriteAheadLog log;

    private StoreMaintenance maintenance;
    private CommitPath commits;
    private DiskQuota quota;

    /**
     * @param store its directory
     * @param options how it is kept
     * @param storage the outside world
     * @param lock held by the engine from now on
     * @param identity upper and lower half of the store's identity
     */
    StoreEngine(Path store, StoreOptions options, Storage storage, StorageLock lock, long[] identity) {
        this.directory = store;
        this.options = options;
        this.storage = storage;
        this.lock = lock;
        this.runtime = options.runtime() == null ? StoreRuntime.ofOne(storage, options) : options.runtime();
        this.leaks = new StoreLeaks(options.leakDetection(), store);
        this.notices = new StoreNotices(options.listener());
        this.operations = new OperationTimes(this);
        this.context = new SegmentContext(
                storage,
                identity[0],
                identity[1],
                new SegmentOptions(options.runOptions(), options.deltasMax(), options.mainShare()),
                runtime.pool(),
                runtime.budget(),
                new MappedResources<>(
                        storage,
                        options.limits().lingerMillis(),
                        work -> PeriodicWork.cleanUp(this, work),
                        this::closeIdleSegments),
                new RankedLock(LockRank.COMMIT),
                new Snapshots(),
                new LogBarrier(this)::force);
    }

    /** Reads the catalog, opens indexes and log, replays, and starts maintenance. */
    void start(StoreCatalog found) {
        catalog = found;
        StoreRecovery.deleteOrphanIndexes(this);
        found.indexes().values().forEach(id -> indexes.put(id, RoutedIndex.open(context, indexPlace(id))));
        maintenance = new StoreMaintenance(this);
        StoreRecovery recovery = new StoreRecovery(this);
        Path logDirectory = directory.resolve(StoreLayout.LOG_NAME);
        log = WriteAheadLog.open(
                storage,
                logDirectory,
                context.storeHigh(),
                context.storeLow(),
                new LogOptions(options.logFileBytes()),
                recovery,
                maintenance::requestLogFile);
        recovery.forceWhatWasReliedOn();
        context.snapshots()
                .publish(Math.max(log.lastSequence(), context.snapshots().visible()));
        context.snapshots().recovered();
        indexes.values().forEach(RoutedIndex::requireInLog);
        rememberSequence();
        quota = new DiskQuota(this);
        quota.refresh();
        commits = new CommitPath(this);
        runtime.add(this);
        maintenance.begin();
    }

    Path directory() {
        return directory;
    }

    StoreOptions options() {
        return options;
    }

    Storage storage() {
        return storage;
    }

    SegmentContext context() {
        return context;
    }

    StoreRuntime runtime() {
        return runtime;
    }

    StoreLeaks leaks() {
        return leaks;
    }

    MemoryBudget budget() {
        return runtime.budget();
    }

    WriteAheadLog log() {
        return log;
    }

    StoreMaintenance maintenance() {
        return maintenance;
    }

    CommitPath commits() {
        return commits;
    }

    DiskQuota quota() {
        return quota;
    }

    /** Who listens. */
    StoreNotices notices() {
        return notices;
    }

    /** What users do. */
    OperationTimes operations() {
        return operations;
    }

    /** What is done in the background, and all figures together. */
    StoreMeters meters() {
        return meters;
    }

    /** A segment as events and listeners know it; {@code index} may be null for none, {@code segmentId} 0. */
    SegmentPlace place(RoutedIndex index, long segmentId) {
        return place(index == null ? 0 : index.indexId(), segmentId);
    }

    /** The same by the id of the index, 0 for none. */
    SegmentPlace place(int indexId, long segmentId) {
        return new SegmentPlace(directory.toString(), catalog.nameOf(indexId), segmentId);
    }

    StoreCatalog catalog() {
        return catalog;
    }

    /** The open indexes. */
    List<RoutedIndex> indexes() {
        return new ArrayList<>(indexes.values());
    }

    /** An open index, or null. */
    RoutedIndex indexById(int id) {
        return indexes.get(id);
    }

    /** Names and open indexes, by name. */
    Map<String, RoutedIndex> indexesByName() {
        Map<String, RoutedIndex> byName = new LinkedHashMap<>();
        catalog.indexes().forEach((name, id) -> {
            RoutedIndex index = indexes.get(id);
            if (index != null) {
                byName.put(name, index);
            }
        });
        return byName;
    }

    /** The index of that name, created when absent. */
    RoutedIndex openIndex(String name) {
        StoreCatalogFormat.nameBytes(name);
        requireOpen();
        RoutedIndex present = byName(name);
        if (present != null) {
            return present;
        }
        notices.requireOutside("creating an index");
        RoutedIndex created;
        storeLock.lock();
        try {
            requireWritable();
            RoutedIndex meanwhile = byName(name);
            if (meanwhile != null) {
                return meanwhile;
            }
            created = createIndex(name);
        } catch (StoreException.Io | StoreException.Poisoned e) {
            // A failed force or write, as in background work: it is not known what the disk holds.
            poison(e);
            throw e;
        } finally {
            storeLock.unlock();
        }
        SegmentPlace first = place(created, created.route().slot(0).segmentId());
        notices.tell(listener -> listener.segmentCreated(first));
        return created;
    }

    /**
     * Drops an index: the catalog no longer names it, then its files go. False when there is none of that name. What fails after
     * the publish is thrown, but the index is gone all the same, and the rest is done.
     */
    boolean dropIndex(String name) {
        requireOpen();
        notices.requireOutside("dropping an index");
        RoutedIndex index = null;
        storeLock.lock();
        try {
            requireWritable();
            Integer id = catalog.indexes().get(name);
            if (id == null) {
                return false;
            }
            publish(catalog.withoutIndex(name));
            index = indexes.remove(id);
            deleteDropped(index);
        } catch (StoreException.Io | StoreException.Poisoned e) {
            poison(e);
            throw e;
        } finally {
            storeLock.unlock();
            if (index != null) {
                afterDrop(name, index);
            }
        }
        return true;
    }

    private void deleteDropped(RoutedIndex index) {
        Closing closing = new Closing();
        // Closing waits for the work that is under way in each segment, so that nothing publishes into the directory
        // while it is being deleted.
        closing.run(index::closeDropped);
        closing.run(() -> StoreRecovery.deleteIndexDirectory(storage, index.directory()));
        closing.throwFirst();
    }

    private void afterDrop(String name, RoutedIndex index) {
        maintenance.requestLogRelease();
        Route last = index.route();
        for (int i = 0; i < last.size(); i++) {
            SegmentPlace dropped =
                    new SegmentPlace(directory.toString(), name, last.slot(i).segmentId());
            notices.tell(listener -> listener.segmentDropped(dropped));
        }
    }

    /** Refuses any use after close. */
    void requireOpen() {
        if (closed) {
            throw new StoreClosedException("store " + directory + " is closed");
        }
    }

    /** Refuses writes after close and once what is on the disk is unknown. */
    void requireWritable() {
        requireOpen();
        Throwable first = poison.get();
        if (first != null) {
            throw new StoreException.Poisoned(
                    "store " + directory + " refuses writes until it is reopened: " + first.getMessage(), first);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Refuses writes from now on; the first cause is kept. */
    void poison(Throwable cause) {
        poison.compareAndSet(null, cause);
    }

    /** Why writes are refused, or null. */
    Throwable poisonCause() {
        return poison.get();
    }

    /** Makes every logged write durable. */
    void sync() {
        requireWritable();
        syncLog(log.endPosition());
    }

    /** Syncs the log; a failure poisons the store. */
    void syncLog(long position) {
        try {
            log.sync(position);
        } catch (RuntimeException | Error e) {
            poison(e);
            throw e;
        }
    }

    /** Flushes, syncs, and gives everything back, whatever fails on the way; the first failure is thrown. Idempotent. */
    void close() {
        storeLock.lock();
        try {
            context.commitLock().lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
            } finally {
                context.commitLock().unlock();
            }
            Closing closing = new Closing();
            closing.run(this::flushBeforeClose);
            closing.run(() -> maintenance.close());
            closing.run(() -> log.close());
            indexes.values().forEach(index -> closing.run(index::close));
            closing.run(leaks::cutOff);
            closing.run(context.runs()::close);
            closing.run(() -> runtime.remove(this));
            closing.run(lock::close);
            drainEpochs();
            closing.throwFirst();
        } finally {
            storeLock.unlock();
        }
    }

    /** Gives back what an open that failed half-way holds. */
    void abandon() {
        closed = true;
        Closing closing = new Closing();
        if (maintenance != null) {
            closing.run(maintenance::close);
        }
        if (log != null) {
            closing.run(log::close);
        }
        indexes.values().forEach(index -> closing.run(index::close));
        closing.run(context.runs()::close);
        closing.run(() -> runtime.remove(this));
        closing.run(lock::close);
        drainEpochs();
    }

    /** At a limit of mappings. */
    private boolean closeIdleSegments() {
        int closedSegments = 0;
        for (RoutedIndex index : indexes.values()) {
            closedSegments += index.registry().closeIdle();
        }
        return closedSegments > 0;
    }

    private void flushBeforeClose() {
        if (poison.get() == null) {
            maintenance.flushAll(indexes());
        }
    }

    private static void drainEpochs() {
        for (int round = 0; round < DRAIN_ROUNDS && Epoch.reclaim() > 0; round++) {
            Thread.onSpinWait();
        }
    }

    private RoutedIndex byName(String name) {
        Integer id = catalog.indexes().get(name);
        return id == null ? null : indexes.get(id);
    }

    private RoutedIndex createIndex(String name) {
        int id = catalog.nextIndexId();
        if (id == Integer.MAX_VALUE) {
            throw new StoreException.LimitReached("store " + directory + ": all index ids below " + id + " are used");
        }
        // The mark first: should the rest fail, a directory of this id is an orphan below the mark.
        publish(catalog.withIdTaken());
        RoutedIndex index = RoutedIndex.create(context, indexPlace(id));
        try {
            storage.forceDirectory(directory);
            publish(catalog.withIndex(name, id));
        } catch (RuntimeException | Error e) {
            // Its directory is an orphan below the mark, which the next open deletes.
            index.closeAfter(e);
            throw e;
        }
        indexes.put(id, index);
        return index;
    }

    private void publish(StoreCatalog next) {
        writeCatalog(storage, directory, context.storeHigh(), context.storeLow(), next);
        catalog = next;
    }

    static void writeCatalog(Storage storage, Path store, long storeHigh, long storeLow, StoreCatalog catalog) {
        byte[] framed = MetadataFormat.encode(
                StoreCatalogFormat.MAGIC, storeHigh, storeLow, StoreCatalogFormat.encode(catalog));
        MetadataFile.publish(storage, store.resolve(StoreCatalog.FILE_NAME), framed);
    }

    private RoutedIndex.IndexPlace indexPlace(int indexId) {
        return new RoutedIndex.IndexPlace(
                indexId,
                StoreLayout.indexDirectory(directory, indexId),
                options.openSegmentsMax(),
                new RetryPolicy(storage, options.waitMillisMax()),
                options.limits().holdersMax());
    }

    /**
     * Makes the sequence number that was reached durable in the current log file: once the files before it are released,
     * nothing else in the log tells it.
     */
    void rememberSequence() {
        long position;
        context.commitLock().lock();
        try {
            position = log.appendSequenceMark(context.snapshots().visible());
        } finally {
            context.commitLock().unlock();
        }
        syncLog(position);
    }
}
