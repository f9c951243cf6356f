package io.cleave.core.resource;

/**
 * What {@link MappedResources} holds. Immutable; the figures are read one by one.
 *
 * @param active files that somebody holds
 * @param references how often they are held, together
 * @param lingering files that nobody holds and that stay mapped for a while
 * @param mappedBytes bytes mapped, also by those that linger or wait for a clean-up
 * @param pendingDeletes files that are to be deleted and are not yet
 * @param pendingDeleteBytes their bytes
 * @param oldestPendingDeleteNanos how long the first of them has been waiting since its last holder let go
 * @param leaks files whose last handle was collected without a release
 * @param cleanUpFailures attempts to unmap or delete that failed
 */
public record MappedStats(
        int active,
        long references,
        int lingering,
        long mappedBytes,
        int pendingDeletes,
        long pendingDeleteBytes,
        long oldestPendingDeleteNanos,
        long leaks,
        long cleanUpFailures) {}
