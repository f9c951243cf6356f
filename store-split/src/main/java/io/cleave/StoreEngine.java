package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreOwnership;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SharedRun;
import io.cleave.core.storage.RoomMakingStorage;
import io.cleave.core.storage.Storage;
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

    private final StoreContext shared;
    private final RoomMakingStorage storage;
    private final RankedLock storeLock = new RankedLock(LockRank.STORE);
    private final StoreLeaks leaks;
    private final StoreLedger ledger;

    /** Made at open: at the end there may be no file descriptor left to load its class with. */
    private final Closing closing = new Closing();

    /** Set once by {@link #start}, as the following, before anybody else sees the engine. */
    private StoreMaintenance maintenance;

    private IdleSegments idle;
    private IndexSet indexSet;
    private CommitPath commits;
    private StoreMeters meters;

    /**
     * @param store its directory
     * @param options how it is kept
     * @param machine the outside world, as the owner of the store sees it
     * @param ownership held by the engine from now on
     * @param files its parts that are replaced whole
     */
    StoreEngine(Path store, StoreOptions options, Storage machine, StoreOwnership ownership, Parts files) {
        this.storage = new RoomMakingStorage(machine, this::makeRoom);
        StoreRuntime given = options.runtime();
        RuntimeResources runtime = given == null ? StoreRuntime.ofOne(machine, options, store) : given.resources();
        MappedResources<SharedRun> runs =
                new MappedResources<>(storage, options.limits().lingerMillis(), this::cleanUp, () -> makeRoom(store));
        this.shared = StoreContext.of(store, options, storage, ownership, files, runtime, runs);
        this.leaks = new StoreLeaks(options.leakDetection(), store, shared.gate());
        this.ledger = new StoreLedger(shared);
    }

    /** Nothing is open yet that could be closed while the store is being made. */
    private boolean makeRoom(Path path) {
        return idle != null && idle.makeRoom(path);
    }

    private void cleanUp(Runnable work) {
        if (maintenance == null) {
            work.run();
        } else {
            maintenance.periodic().cleanUp(work);
        }
    }

    /** Reads the catalog, opens indexes and log, replays, and starts maintenance. */
    void start(StoreCatalog found) {
        StoreOptions options = shared.options();
        SegmentContext context = shared.context();
        storage.keepSpare(shared.directory().resolve(StoreCatalog.FILE_NAME));
        maintenance = new StoreMaintenance(shared);
        idle = new IdleSegments(shared, maintenance);
        indexSet = new IndexSet(shared, storeLock, ledger, maintenance, found);
        meters = new StoreMeters(shared, maintenance, indexSet, leaks);
        indexSet.openAll();
        LogReplay replay = new LogReplay(shared, found, maintenance, idle);
        LogOptions logOptions = new LogOptions(options.logFileBytes(), context.parts()::ledgerVersion);
        StoreLog log = shared.log();
        log.open(context.identity(), logOptions, replay, logHost());
        replay.forceWhatWasReliedOn();
        context.snapshots()
                .publish(Math.max(
                        log.writer().lastSequence(), context.snapshots().visible()));
        context.snapshots().recovered();
        indexes().forEach(RoutedIndex::requireInLog);
        log.rememberSequence();
        replay.compareWhatIsLeft();
        ledger.settle();
        IndexDirectories.deleteOrphans(storage, shared.directory(), found);
        indexes().forEach(RoutedIndex::deleteOrphans);
        shared.quota().refresh();
        commits = new CommitPath(shared, maintenance);
        shared.runtime().add(maintenance.relief());
        gate().opened();
        maintenance.begin();
    }

    private LogHost logHost() {
        return new LogHost() {
            @Override
            public void nextNeeded() {
                maintenance.log().requestFile();
            }

            @Override
            public void forced() {
                // What was forced before another writer left its word is in the log that it reads.
                shared.ownership().requireOwner();
            }
        };
    }

    /** What its parts are made of. */
    StoreContext shared() {
        return shared;
    }

    Path directory() {
        return shared.directory();
    }

    StoreOwnership ownership() {
        return shared.ownership();
    }

    StoreOptions options() {
        return shared.options();
    }

    Storage storage() {
        return storage;
    }

    SegmentContext context() {
        return shared.context();
    }

    StoreLeaks leaks() {
        return leaks;
    }

    MemoryBudget budget() {
        return shared.runtime().budget();
    }

    WriteAheadLog log() {
        return shared.log().writer();
    }

    StoreMaintenance maintenance() {
        return maintenance;
    }

    CommitPath commits() {
        return commits;
    }

    /** Who listens. */
    StoreNotices notices() {
        return shared.notices();
    }

    /** What users do. */
    OperationTimes operations() {
        return shared.operations();
    }

    /** All figures together. */
    StoreMeters meters() {
        return meters;
    }

    StoreCatalog catalog() {
        return indexSet.catalog();
    }

    /** Creates, alters and drops indexes. */
    IndexSet indexSet() {
        return indexSet;
    }

    /** The open indexes. */
    List<RoutedIndex> indexes() {
        return shared.indexes().all();
    }

    /** Names and open indexes, by name. */
    Map<String, RoutedIndex> indexesByName() {
        return indexSet.byName();
    }

    /** Where it is in its life. */
    StoreGate gate() {
        return shared.gate();
    }

    /** Makes every logged write durable. */
    void sync() {
        gate().requireWritable();
        shared.log().sync();
    }

    /** Flushes, syncs, and gives everything back, whatever fails on the way; the first failure is thrown. Idempotent. */
    void close() {
        storeLock.lock();
        try {
            context().commitLock().lock();
            try {
                if (!gate().close()) {
                    return;
                }
            } finally {
                context().commitLock().unlock();
            }
            closing.run(this::flushBeforeClose);
            closing.run(() -> maintenance.close());
            boolean flushed = gate().poison() == null && !ledger.hasDirty();
            indexes().forEach(index -> closing.run(index::close));
            boolean clean = flushed && !closing.hasFailed();
            closing.run(clean ? ledger::closeLogCleanly : log()::abandon);
            closing.run(leaks::cutOff);
            closing.run(context().runs()::close);
            closing.run(() -> shared.runtime().remove(maintenance == null ? null : maintenance.relief()));
            closing.run(shared.ownership()::deleteKept);
            closing.run(storage::close);
            closing.run(shared.ownership()::close);
            drainEpochs();
            closing.throwFirst();
        } finally {
            storeLock.unlock();
        }
    }

    /** Gives back what an open that failed half-way holds. */
    void abandon() {
        gate().close();
        if (maintenance != null) {
            closing.run(maintenance::close);
        }
        if (log() != null) {
            closing.run(log()::abandon);
        }
        indexes().forEach(index -> closing.run(index::close));
        closing.run(context().runs()::close);
        closing.run(() -> shared.runtime().remove(maintenance == null ? null : maintenance.relief()));
        closing.run(storage::close);
        closing.run(shared.ownership()::close);
        drainEpochs();
    }

    private void flushBeforeClose() {
        if (gate().poison() == null) {
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
