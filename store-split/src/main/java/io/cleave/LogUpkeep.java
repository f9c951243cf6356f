package io.cleave;

import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.TaskKey;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.RoutedIndex;

/**
 * Background work on the log: the next file is made before it is needed, files that no memtable needs are deleted, and what keeps a log
 * above its limit is flushed. Thread-safe.
 */
final class LogUpkeep {
    private final StoreContext shared;
    private final StoreMaintenance maintenance;

    LogUpkeep(StoreContext shared, StoreMaintenance maintenance) {
        this.shared = shared;
        this.maintenance = maintenance;
    }

    /** The hook of the log: an eighth of its file is used. */
    void requestFile() {
        if (!maintenance.hasBegun()) {
            return;
        }
        TaskKey key = new TaskKey(TaskKind.LOG_PREPARE, 0, 0);
        maintenance
                .workers()
                .submit(
                        key,
                        maintenance.recorded(key, () -> shared.log().writer().prepareNext()));
        if (shared.log().writer().bytesOnDisk() > shared.options().logBytesMax()) {
            requestFlushOfOldest();
        }
    }

    /** Asks that files go which nobody needs any more. */
    TaskHandle requestRelease() {
        TaskKey key = new TaskKey(TaskKind.LOG_RELEASE, 0, 0);
        return maintenance.workers().submit(key, maintenance.recorded(key, this::release));
    }

    private void release() {
        if (!maintenance.hasBegun()) {
            return;
        }
        shared.log().release(this::neededLocked);
        if (shared.log().writer().bytesOnDisk() > shared.options().logBytesMax()) {
            requestFlushOfOldest();
        }
    }

    private long neededLocked(long end) {
        long needed = end;
        for (RoutedIndex index : shared.indexes().all()) {
            needed = Math.min(needed, index.firstLogPositionLocked());
        }
        return needed;
    }

    private void requestFlushOfOldest() {
        FlushTarget oldest = FlushTarget.oldest(shared.indexes().all());
        if (oldest != null) {
            maintenance.requestFlush(oldest.index(), oldest.slot());
        }
    }
}
