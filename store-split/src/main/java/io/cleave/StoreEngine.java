package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreOwnership;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentOptions;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.RoomMakingStorage;
import io.cleave.core.storage.Storage;
import io.cleave.event.SegmentPlace;
import io.cleave.log.LogHost;
import io.cleave.log.LogOptions;
import io.cleave.log.StoreLog;
import io.cleave.log.WriteAheadLog;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
    private final RoomMakingStorage storage;
    private final IdleSegments idle = new IdleSegments(this);
    private final StoreOwnership ownership;
    private final StoreRuntime runtime;
    private final SegmentContext context;
    private final StoreNotices notices;
    private final OperationTimes operations;
    private final StoreMeters meters = new StoreMeters(this);
    private final RankedLock storeLock = new RankedLock(LockRank.STORE);
    private final StoreLeaks leaks;
    private final StoreLedger ledger = new StoreLedger(this);

    private final StoreGate gate;
    private final StoreLog log;
    /** Made at open: at the end there may be no file descriptor left to load its class with. */
    private final Closing closing = new Closing();

    /** Set once by recovery, as the following, before anybody else sees the engine. */
    private IndexSet indexSet;

    private StoreMaintenance maintenance;
    private CommitPath commits;
    private DiskQuota quota;

    /**
     * @param store its directory
     * @param options how it is kept
     * @param storage the outside world, as the owner of the store sees it
     * @param ownership held by the engine from now on
     * @param parts its parts that are replaced whole
     */
    StoreEngine(Path store, StoreOptions options, Storage storage, StoreOwnership ownership, Parts parts) {
        this.directory = store;
        this.options = options;
        this.gate = new StoreGate(store.toString());
        this.storage = new RoomMakingStorage(storage, path -> idle().makeRoom(path));
        this.ownership = ownership;
        this.runtime = options.runtime() == null ? StoreRuntime.ofOne(storage, options, directory) : options.runtime();
        this.leaks = new StoreLeaks(options.leakDetection(), store, gate);
        this.notices = new StoreNotices(options.listener());
        this.operations = new OperationTimes(this);
        SegmentOptions defaults = new SegmentOptions(options.runOptions(), options.deltasMax(), options.mainShare());
        RankedLock commitLock = new RankedLock(LockRank.COMMIT);
        Snapshots snapshots = new Snapshots();
        this.log = new StoreLog(this.storage, store.resolve(StoreLayout.LOG_NAME), gate, commitLock, snapshots);
        this.context = new SegmentContext(
                this.storage,
                parts.identity(),
                parts.through(this.storage),
                () -> defaults,
                runtime.pool(),
                runtime.budget(),
                new MappedResources<>(
                        this.storage,
                        options.limits().lingerMillis(),
                        work -> PeriodicWork.cleanUp(this, work),
                        () -> idle().makeRoom(directory)),
                commitLock,
                snapshots,
                log::forceUpTo);
    }

    /** Reads the catalog, opens indexes and log, replays, and starts maintenance. */
    void start(StoreCatalog found) {
        storage.keepSpare(directory.resolve(StoreCatalog.FILE_NAME));
        indexSet = new IndexSet(this, found);
        indexSet.openAll();
        maintenance = new StoreMaintenance(this);
        StoreRecovery recovery = new StoreRecovery(this);
        LogOptions logOptions = new LogOptions(options.logFileBytes(), context.parts()::ledgerVersion);
        log.open(context.identity(), logOptions, recovery, logHost());
        recovery.forceWhatWasReliedOn();
        context.snapshots()
                .publish(Math.max(
                        log.writer().lastSequence(), context.snapshots().visible()));
        context.snapshots().recovered();
        indexes().forEach(RoutedIndex::requireInLog);
        log.rememberSequence();
        ledger.settle(recovery);
        quota = new DiskQuota(this);
        quota.refresh();
        commits = new CommitPath(this);
        runtime.add(this);
        gate.opened();
        maintenance.begin();
    }

    private LogHost logHost() {
        return new LogHost() {
            @Override
            public void nextNeeded() {
                maintenance.requestLogFile();
            }

            @Override
            public void forced() {
                // What was forced before another writer left its word is in the log that it reads.
                ownership.requireOwner();
            }
        };
    }

    Path directory() {
        return directory;
    }

    StoreOwnership ownership() {
        return ownership;
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
        return log.writer();
    }

    /** The same as what has to be durable first, and what may go. */
    StoreLog storeLog() {
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
        return new SegmentPlace(directory.toString(), catalog().nameOf(indexId), segmentId);
    }

    StoreCatalog catalog() {
        return indexSet.catalog();
    }

    /** Creates, alters and drops indexes. */
    IndexSet indexSet() {
        return indexSet;
    }

    /** Guards the catalog, and the life of the store. */
    RankedLock storeLock() {
        return storeLock;
    }

    StoreLedger ledger() {
        return ledger;
    }

    /** The open indexes. */
    List<RoutedIndex> indexes() {
        return indexSet == null ? List.of() : indexSet.all();
    }

    /** An open index, or null. */
    RoutedIndex indexById(int id) {
        return indexSet.byId(id);
    }

    /** Names and open indexes, by name. */
    Map<String, RoutedIndex> indexesByName() {
        return indexSet.byName();
    }

    /** Where it is in its life. */
    StoreGate gate() {
        return gate;
    }

    /** Makes every logged write durable. */
    void sync() {
        gate.requireWritable();
        log.sync();
    }

    /** Flushes, syncs, and gives everything back, whatever fails on the way; the first failure is thrown. Idempotent. */
    void close() {
        storeLock.lock();
        try {
            context.commitLock().lock();
            try {
                if (!gate.close()) {
                    return;
                }
            } finally {
                context.commitLock().unlock();
            }
            closing.run(this::flushBeforeClose);
            closing.run(() -> maintenance.close());
            boolean flushed = gate.poison() == null && !ledger.hasDirty();
            indexes().forEach(index -> closing.run(index::close));
            boolean clean = flushed && !closing.hasFailed();
            closing.run(clean ? ledger::closeLogCleanly : log.writer()::abandon);
            closing.run(leaks::cutOff);
            closing.run(context.runs()::close);
            closing.run(() -> runtime.remove(this));
            closing.run(ownership::deleteKept);
            closing.run(storage::close);
            closing.run(ownership::close);
            drainEpochs();
            closing.throwFirst();
        } finally {
            storeLock.unlock();
        }
    }

    /** Gives back what an open that failed half-way holds. */
    void abandon() {
        gate.close();
        if (maintenance != null) {
            closing.run(maintenance::close);
        }
        if (log.writer() != null) {
            closing.run(log.writer()::abandon);
        }
        indexes().forEach(index -> closing.run(index::close));
        closing.run(context.runs()::close);
        closing.run(() -> runtime.remove(this));
        closing.run(storage::close);
        closing.run(ownership::close);
        drainEpochs();
    }

    /** What is closed when files or mappings run out. */
    IdleSegments idle() {
        return idle;
    }

    private void flushBeforeClose() {
        if (gate.poison() == null) {
            maintenance.flushAll(indexes());
            maintenance.due().settle();
        }
    }

    private static void drainEpochs() {
        for (int round = 0; round < DRAIN_ROUNDS && Epoch.reclaim() > 0; round++) {
            Thread.onSpinWait();
        }
    }
}
