package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What one storage has open and has moved, counted where it happens. Thread-safe; each figure is exact by itself. */
final class Ledger {
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
        if (files.get() >= limits.filesMax()) {
            throw new StoreException.LimitReached(
                    "open files: at most " + limits.filesMax() + " at a time (openFilesMax), and all of them are open");
        }
    }

    /**
     * Counts a mapping that is about to be made.
     *
     * @param writable of a log file, for which no writer should fail: its bytes count, but are not refused
     * @throws StoreException.LimitReached when there are as many as allowed
     */
    void addMapping(long bytes, boolean writable) {
        if (mappings.incrementAndGet() > limits.mappingsMax()) {
            mappings.decrementAndGet();
            throw new StoreException.LimitReached("mappings: at most " + limits.mappingsMax()
                    + " at a time (mappingsMax of the storage), and all of them are live; the system kills a process"
                    + " that has too many");
        }
        long total = mappedBytes.addAndGet(bytes);
        if (!writable && total > limits.mappedBytesMax()) {
            removeMapping(bytes);
            throw new StoreException.LimitReached("mapped bytes: " + bytes + " asked for, " + (total - bytes)
                    + " of at most " + limits.mappedBytesMax() + " are mapped (mappedBytesMax)");
        }
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
        long total = memoryBytes.addAndGet(bytes);
        if (total > limits.memoryBytesMax()) {
            memoryBytes.addAndGet(-bytes);
            throw new StoreException.LimitReached("off-heap memory: " + bytes + " bytes asked for, " + (total - bytes)
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
