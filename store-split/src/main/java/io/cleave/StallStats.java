package io.cleave;

/**
 * How often and how long writers were held up. Immutable.
 *
 * @param memorySlowdowns writes delayed because memtables neared their budget
 * @param memorySlowdownNanos how long, together
 * @param memoryStops writes that waited for a flush
 * @param memoryStopNanos how long, together
 * @param deltaSlowdowns writes delayed because delta runs piled up
 * @param deltaSlowdownNanos how long, together
 */
public record StallStats(
        long memorySlowdowns,
        long memorySlowdownNanos,
        long memoryStops,
        long memoryStopNanos,
        long deltaSlowdowns,
        long deltaSlowdownNanos) {}
