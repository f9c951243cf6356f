package io.cleave;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;

/**
 * Keeps a store's files below a number of bytes, by refusing what would add to them. Run files are counted by looking at the
 * directories when the store opens, every second, and after background work has changed them, the log as it grows. Thread-safe.
 */
final class DiskQuota {
    private final StoreEngine engine;
    private final long bytesMax;
    /** Bytes of everything but the log at the last look that succeeded. */
    private volatile long runBytes;

    DiskQuota(StoreEngine engine) {
        this.engine = engine;
        this.bytesMax = engine.options().limits().diskBytesMax();
    }

    /** True when there is a limit. */
    boolean isSet() {
        return bytesMax != Long.MAX_VALUE;
    }

    /** Bytes of all files, those of runs as of the last look. */
    long usedBytes() {
        return runBytes + engine.log().bytesOnDisk();
    }

    /** Before a write of this kind; see {@link #admitPut}. Deletes are let through. */
    void admit(byte kind) {
        if (isSet() && kind == EntryKind.PUT) {
            admitPut();
        }
    }

    /**
     * Before a write that adds an entry.
     *
     * @throws StoreException.LimitReached when the quota is used up
     */
    void admitPut() {
        if (!isSet()) {
            return;
        }
        long used = usedBytes();
        if (used >= bytesMax) {
            engine.maintenance().due().makeRoom();
            throw new StoreException.LimitReached("store " + engine.directory() + ": expected at most " + bytesMax
                    + " bytes of files (diskBytesMax), found " + used + "; deletes, drops and compact() go on");
        }
    }

    /** Looks at the directories again, if there is a limit. A look that fails changes nothing: the next one comes soon. */
    void refresh() {
        if (!isSet()) {
            return;
        }
        try {
            long bytes = 0;
            for (RoutedIndex index : engine.indexes()) {
                bytes += bytesBelow(index.directory());
            }
            runBytes = bytes;
        } catch (StoreException.Io e) {
            // Nothing was written: not a reason to refuse writes for good, as a failed task would.
            System.getLogger(DiskQuota.class.getName())
                    .log(System.Logger.Level.WARNING, "store " + engine.directory() + ": can't count its bytes", e);
        }
    }

    /** Files may go at any moment. */
    private long bytesBelow(Path path) {
        Storage storage = engine.storage();
        try {
            return switch (storage.kind(path)) {
                case FILE -> storage.size(path);
                case DIRECTORY -> {
                    long bytes = 0;
                    for (String name : storage.list(path)) {
                        bytes += bytesBelow(path.resolve(name));
                    }
                    yield bytes;
                }
                default -> 0;
            };
        } catch (StoreException.NotFound e) {
            return 0;
        }
    }
}
