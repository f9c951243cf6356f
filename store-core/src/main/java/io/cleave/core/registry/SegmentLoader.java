package io.cleave.core.registry;

import io.cleave.core.segment.Segment;
import io.cleave.error.StoreException;

/** How a registry reaches the segments of its index. Thread-safe. */
public interface SegmentLoader {
    /**
     * Opens a segment.
     *
     * @return null when another owner holds its directory
     * @throws StoreException.NotFound when there is no such segment
     */
    Segment tryOpen(long segmentId);

    /** Creates an empty segment with a fresh id. */
    Segment create(long segmentId);

    /**
     * Deletes a segment's directory and files.
     *
     * @return false when there was none
     */
    boolean delete(long segmentId);
}
