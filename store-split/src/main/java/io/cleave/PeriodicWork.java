package io.cleave;

import io.cleave.core.resource.Epoch;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.PageCache;
import io.cleave.error.StoreClosedException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.TaskKey;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.concurrent.atomic.AtomicLong;

/** What a store does again and again, and the clean-ups that its users' threads leave to it. Thread-safe. */
final class PeriodicWork {
    /** Index of tasks that are about none. */
    private static final int NO_INDEX = -1;

    private static final long TICK_MILLIS = 1_000;

    /** A memtable of this part of a segment is worth a run when the store is idle, and so is what deletes have hidden in runs. */
    private static final int WORTH_PARTS = 64;

    /** When the store is idle less that is hidden is worth a flush: no more comes. */
    private static final long IDLE_RECLAIM_BYTES_MAX = 64 << 10;

    /** Numbers clean-ups, none of which stands for another. */
    private static final AtomicLong CLEAN_UPS = new AtomicLong();

    private final StoreContext shared;
    private final StoreMaintenance maintenance;

    /** Sequence number at the last interval. Only the task of that interval uses it. */
    private long newestAtInterval = -1;

    PeriodicWork(StoreContext shared, StoreMaintenance maintenance) {
        this.shared = shared;
        this.maintenance = maintenance;
    }

    /** Has it done from now on, if there are threads for it. */
    void begin() {
        MaintenanceWorkers workers = maintenance.workers();
        long syncMillis = shared.options().syncIntervalMillis();
        if (syncMillis > 0) {
            TaskKey key = new TaskKey(TaskKind.LOG_SYNC, 0, 0);
            workers.submitEvery(syncMillis, key, maintenance.recorded(key, this::syncByInterval));
        }
        if (shared.runtime().maintenanceThreads() > 0) {
            TaskKey key = new TaskKey(TaskKind.CLEAN_UP, NO_INDEX, 0);
            workers.submitEvery(TICK_MILLIS, key, this::tick);
        }
    }

    /** Runs a clean-up on a thread of the store: this one if it is, or if there are none. It is run whatever happens. */
    void cleanUp(Runnable work) {
        if (shared.runtime().maintenanceThreads() == 0
                || shared.runtime().workers().isWorker()) {
            work.run();
            return;
        }
        TaskKey key = new TaskKey(TaskKind.CLEAN_UP, NO_INDEX, CLEAN_UPS.incrementAndGet());
        maintenance.workers().submit(key, work).onEnd(thrown -> {
            if (thrown instanceof StoreClosedException) {
                work.run();
            }
        });
    }

    /** What is done each second where there are threads for it. */
    void tick() {
        shared.ownership().require();
        shared.ownership().deleteKept();
        shared.context().runs().tick();
        shared.context().snapshots().readers(shared.storage().nanoTime());
        shared.quota().refresh();
        maintenance.relief().tick();
        shared.operations().forgetEnded();
        Epoch.forgetEnded();
        maintenance.due().lookAtDeletes();
        shared.operations().tick();
        shared.log().writer().tick();
    }

    private void syncByInterval() {
        PageCache.tick(shared.storage().nanoTime());
        shared.log().sync();
        flushWhenIdle();
    }

    /**
     * Flushes memtables that are worth a run once nobody has written for an interval: scans and seeks pay more for entries in
     * memory, which lie in the order in which they came, than for those in a run, and a kill would leave more to replay. So it
     * does with tombstones that hide much, and looks for merges that are due.
     */
    private void flushWhenIdle() {
        long newest = shared.context().snapshots().visible();
        boolean idle = newest == newestAtInterval;
        newestAtInterval = newest;
        if (!idle) {
            return;
        }
        for (RoutedIndex index : shared.indexes().all()) {
            index.forEachSlot(slot -> {
                if (isWorthFlush(index, slot)) {
                    maintenance.requestFlushIfPossible(index, slot);
                } else {
                    // A merge that was due waited for a reader to go, or was cut off by a close.
                    maintenance.requestCompactionIfDue(index, slot);
                }
            });
        }
    }

    /** What deletes must have hidden in a segment, or a memtable of an idle store must hold, to be worth a run. */
    static long worthBytes(RoutedIndex index) {
        return index.options().segmentBytesMax() / WORTH_PARTS;
    }

    private static boolean isWorthFlush(RoutedIndex index, SegmentSlot slot) {
        SegmentView view = slot.view();
        if (view == null || slot.side() != null || !view.isDirty()) {
            return false;
        }
        long worthBytes = worthBytes(index);
        return view.memtableBytes() >= worthBytes
                || slot.segment().isReclaimDue(Math.min(worthBytes, IDLE_RECLAIM_BYTES_MAX));
    }
}
