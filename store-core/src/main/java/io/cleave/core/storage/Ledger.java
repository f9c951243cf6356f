package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What one storage has open and has moved, counted where it happens. Thread-safe; each figure is exact by itself. */
final class Ledger {
    private static final long ADDED = -1;

    /** One mapping of so many, up to a number, is kept for each more urgent use. */
    private static final int KEPT_PARTS = 16;

    private static final int KEPT_MAX = 64;

    /** Here, so that the class is loaded with this one: later there may be no descriptor for it. */
    private static final MappingUse MOST_URGENT = MappingUse.LOG;

    final AtomicLong files = new AtomicLong();
    final AtomicLong locks = new AtomicLong();
    final AtomicLong threads = new AtomicLong();
    final LongAdder bytesWritten = new LongAdder();
    final LongAdder syncs = new LongAdder();

    private final AtomicLong mappings = new AtomicLong();
    private final AtomicLong mappedBytes = new AtomicLong();
    private final AtomicLong memoryRegions = new AtomicLong();
    private final AtomicLong memoryBytes = new AtomicLong();
    private final StorageLimits limits;

    /** @param limits what {@link #addMapping}, {@link #addMemory} and {@link #requireFile} keep to */
    Ledger(StorageLimits limits) {
        this.limits = limits;
    }

    /**
     * To be called before a file is opened. Two threads may both find room for the last one.
     *
     * @throws StoreException.LimitReached when as many are open as allowed
     */
    void requireFile() {
        if (files.get() + locks.get() >= limits.filesMax()) {
            throw new StoreException.LimitReached("open files: at most " + limits.filesMax()
                    + " at a time (openFilesMax), " + files.get() + " are open and " + locks.get()
                    + " more hold locks of the store and its segments");
        }
    }

    /**
     * Counts a mapping that is about to be made.
     *
     * @param use says how near to the limits it may go
     * @throws StoreException.LimitReached when there are as many as allowed
     */
    void addMapping(long bytes, MappingUse use) {
        int kept = use.shares() * Math.min(KEPT_MAX, limits.mappingsMax() / KEPT_PARTS);
        if (added(mappings, 1, limits.mappingsMax() - kept) != ADDED) {
            String rest = kept == 0 ? "" : ", the last " + kept + " kept for flushes and the log,";
            throw new StoreException.LimitReached("mappings: at most " + limits.mappingsMax()
                    + " at a time (mappingsMax of the storage)" + rest
                    + " and all of them are live; the system kills a process that has too many");
        }
        boolean ofLog = use == MOST_URGENT;
        long before = added(mappedBytes, bytes, ofLog ? Long.MAX_VALUE : limits.mappedBytesMax());
        if (before != ADDED) {
            mappings.decrementAndGet();
            throw new StoreException.LimitReached("mapped bytes: " + bytes + " asked for, " + before + " of at most "
                    + limits.mappedBytesMax() + " are mapped (mappedBytesMax)");
        }
    }

    /**
     * Adds unless that exceeds {@code max}: {@link #ADDED}, or what was there. What is refused is never counted, not even for
     * a moment, in which it would have others refused as well.
     */
    private static long added(AtomicLong figure, long more, long max) {
        long before = figure.get();
        while (before <= max - more) {
            if (figure.compareAndSet(before, before + more)) {
                return ADDED;
            }
            before = figure.get();
        }
        return before;
    }

    void removeMapping(long bytes) {
        mappedBytes.addAndGet(-bytes);
        mappings.decrementAndGet();
    }

    /**
     * Counts memory that is about to be allocated.
     *
     * @throws StoreException.LimitReached when it would be more than allowed
     */
    void addMemory(long bytes) {
        long before = added(memoryBytes, bytes, limits.memoryBytesMax());
        if (before != ADDED) {
            throw new StoreException.LimitReached("off-heap memory: " + bytes + " bytes asked for, " + before
                    + " of at most " + limits.memoryBytesMax() + " are taken (memoryBytesMax of the storage)");
        }
        memoryRegions.incrementAndGet();
    }

    void removeMemory(long bytes) {
        memoryBytes.addAndGet(-bytes);
        memoryRegions.decrementAndGet();
    }

    StorageCounters counters() {
        return new StorageCounters(
                files.get(),
                mappings.get(),
                mappedBytes.get(),
                memoryRegions.get(),
                memoryBytes.get(),
                locks.get(),
                threads.get(),
                bytesWritten.sum(),
                syncs.sum());
    }
}
