package io.cleave.core.storage;

/**
 * What one {@link Storage} has open and has moved. A consistent snapshot is not promised: each figure is read by itself.
 *
 * @param files open files
 * @param mappings live mappings, read-only and writable
 * @param mappedBytes their lengths
 * @param memoryRegions live off-heap allocations
 * @param memoryBytes their lengths
 * @param locks held locks
 * @param threads threads started or about to and not yet ended
 * @param bytesWritten bytes handed to the system since the storage was made
 * @param syncs forces of files, regions and directories since the storage was made
 */
public record StorageCounters(
        long files,
        long mappings,
        long mappedBytes,
        long memoryRegions,
        long memoryBytes,
        long locks,
        long threads,
        long bytesWritten,
        long syncs) {
    /** True when nothing is held open. */
    public boolean nothingHeld() {
        return files == 0 && mappings == 0 && memoryRegions == 0 && locks == 0 && threads == 0;
    }
}
