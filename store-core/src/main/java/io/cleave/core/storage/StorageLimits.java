package io.cleave.core.storage;

/**
 * What one {@link RealStorage} may have open at a time. Immutable.
 *
 * @param mappingsMax mapped files; the JVM dies, without an exception, at about 65,530
 * @param mappedBytesMax bytes of mapped files
 * @param filesMax files that are open besides those that are mapped
 * @param memoryBytesMax off-heap memory in bytes
 */
public record StorageLimits(int mappingsMax, long mappedBytesMax, int filesMax, long memoryBytesMax) {
    /** Mappings at most unless told otherwise. */
    public static final int MAPPINGS_MAX_DEFAULT = 10_000;

    public StorageLimits {
        if (mappingsMax <= 0 || mappedBytesMax <= 0 || filesMax <= 0 || memoryBytesMax <= 0) {
            throw new IllegalArgumentException("limits must be above 0: mappingsMax " + mappingsMax
                    + ", mappedBytesMax " + mappedBytesMax + ", filesMax " + filesMax + ", memoryBytesMax "
                    + memoryBytesMax);
        }
    }

    /**
     * {@value #MAPPINGS_MAX_DEFAULT} mappings, and as much off-heap memory as {@code -XX:MaxDirectMemorySize} allows up to Java 21,
     * as the heap may have from Java 22 on; no limit for the rest.
     */
    public static StorageLimits defaults() {
        return new StorageLimits(
                MAPPINGS_MAX_DEFAULT, Long.MAX_VALUE, Integer.MAX_VALUE, OffHeap.memoryBytesMaxDefault());
    }

    /** The same with another limit for mapped bytes. */
    public StorageLimits withMappedBytesMax(long bytes) {
        return new StorageLimits(mappingsMax, bytes, filesMax, memoryBytesMax);
    }

    /** The same with another limit for open files. */
    public StorageLimits withFilesMax(int files) {
        return new StorageLimits(mappingsMax, mappedBytesMax, files, memoryBytesMax);
    }
}
