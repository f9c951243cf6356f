package io.cleave;

import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreOwnership;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentOptions;
import io.cleave.core.segment.SharedRun;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.Storage;
import io.cleave.log.StoreLog;
import io.cleave.route.OpenIndexes;
import java.nio.file.Path;

/**
 * What those share that do the work of one open store: commits, maintenance, recovery. None of these things refers back to them.
 *
 * @param directory of the store
 * @param options how it is kept
 * @param storage its files
 * @param ownership its lock
 * @param gate where it is in its life
 * @param context what its segments share
 * @param indexes those that are open
 * @param log the log
 * @param runtime memory and threads, which it may share with other stores
 * @param notices who listens
 * @param operations what users do
 * @param work what is done in the background
 * @param quota of the disk
 */
record StoreContext(
        Path directory,
        StoreOptions options,
        Storage storage,
        StoreOwnership ownership,
        StoreGate gate,
        SegmentContext context,
        OpenIndexes indexes,
        StoreLog log,
        RuntimeResources runtime,
        StoreNotices notices,
        OperationTimes operations,
        WorkCounters work,
        DiskQuota quota) {
    /**
     * Of a store that is being opened: no index and no log yet.
     *
     * @param store its directory
     * @param storage its files
     * @param files its parts that are replaced whole
     * @param runs the open run files; closed with the store
     */
    static StoreContext of(
            Path store,
            StoreOptions options,
            Storage storage,
            StoreOwnership ownership,
            Parts files,
            RuntimeResources runtime,
            MappedResources<SharedRun> runs) {
        StoreGate gate = new StoreGate(store.toString());
        RankedLock commitLock = new RankedLock(LockRank.COMMIT);
        Snapshots snapshots = new Snapshots();
        StoreLog log = new StoreLog(storage, store.resolve(StoreLayout.LOG_NAME), gate, commitLock, snapshots);
        OpenIndexes indexes = new OpenIndexes(store);
        SegmentOptions defaults = new SegmentOptions(options.runOptions(), options.deltasMax(), options.mainShare());
        SegmentContext context = new SegmentContext(
                storage,
                files.identity(),
                files.through(storage),
                () -> defaults,
                runtime.pool(),
                runtime.budget(),
                runs,
                commitLock,
                snapshots,
                log::forceUpTo);
        return new StoreContext(
                store,
                options,
                storage,
                ownership,
                gate,
                context,
                indexes,
                log,
                runtime,
                new StoreNotices(options.listener()),
                new OperationTimes(storage, indexes, options.slowOperationMillis()),
                new WorkCounters(),
                new DiskQuota(store, storage, indexes, log, options.limits().diskBytesMax()));
    }
}
