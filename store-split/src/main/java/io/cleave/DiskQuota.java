package io.cleave;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.log.StoreLog;
import io.cleave.route.OpenIndexes;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;

/**
 * Keeps a store's files below a number of bytes, by refusing what would add to them. Run files are counted by looking at the
 * directories when the store opens, every second, and after background work has changed them, the log as it grows. Thread-safe.
 */
final class DiskQuota {
    private final Path directory;
    private final Storage storage;
    private final OpenIndexes indexes;
    private final StoreLog log;
    private final long bytesMax;
    /** Bytes of everything but the log at the last look that succeeded. */
    private volatile long runBytes;

    /** @param bytesMax of all files; {@link Long#MAX_VALUE} for no limit */
    DiskQuota(Path directory, Storage storage, OpenIndexes indexes, StoreLog log, long bytesMax) {
        this.directory = directory;
        this.storage = storage;
        this.indexes = indexes;
        this.log = log;
        this.bytesMax = bytesMax;
    }

    /** True when there is a limit. */
    boolean isSet() {
        return bytesMax != Long.MAX_VALUE;
    }

    /** Bytes of all files, those of runs as of the last look. */
    long usedBytes() {
        return runBytes + log.writer().bytesOnDisk();
    }

    /** What a write that adds an entry has to be refused with, or null. */
    StoreException.LimitReached refusal() {
        long used = usedBytes();
        return used < bytesMax
                ? null
                : new StoreException.LimitReached("store " + directory + ": expected at most " + bytesMax
                        + " bytes of files (diskBytesMax), found " + used + "; deletes, drops and compact() go on");
    }

    /** Looks at the directories again, if there is a limit. A look that fails changes nothing: the next one comes soon. */
    void refresh() {
        if (!isSet()) {
            return;
        }
        try {
            long bytes = 0;
            for (RoutedIndex index : indexes.all()) {
                bytes += bytesBelow(index.directory());
            }
            runBytes = bytes;
        } catch (StoreException.Io e) {
            // Nothing was written: not a reason to refuse writes for good, as a failed task would.
            System.getLogger(DiskQuota.class.getName())
                    .log(System.Logger.Level.WARNING, "store " + directory + ": can't count its bytes", e);
        }
    }

    /** Files may go at any moment. */
    private long bytesBelow(Path path) {
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
