package io.cleave.event;

/**
 * Where something happened. Immutable.
 *
 * @param store directory of the store
 * @param index name of the index, empty when it is about none
 * @param segmentId id of the segment, 0 when it is about none
 */
public record SegmentPlace(String store, String index, long segmentId) {}
