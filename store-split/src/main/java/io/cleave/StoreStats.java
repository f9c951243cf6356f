package io.cleave;

/**
 * What a store has done and holds. Immutable; the figures are read one by one, not at one moment.
 *
 * @param sequence newest sequence number
 * @param indexes open indexes
 * @param memtableBytes memory taken by memtables
 * @param memtableBytesMax their budget
 * @param logBytes size of the log on disk
 * @param logFiles files of the log
 * @param mappings mapped files
 * @param mappedBytes their size
 * @param bytesWritten bytes handed to the system since the store was opened
 * @param syncs syncs since the store was opened
 * @param flushes memtables written to runs
 * @param compactions merges of runs
 * @param splits segments split in two
 * @param merges neighbours merged
 * @param rewrites segments rewritten into one new segment
 * @param failures background tasks that failed
 * @param stalls writers held up
 */
public record StoreStats(
        long sequence,
        int indexes,
        long memtableBytes,
        long memtableBytesMax,
        long logBytes,
        int logFiles,
        long mappings,
        long mappedBytes,
        long bytesWritten,
        long syncs,
        long flushes,
        long compactions,
        long splits,
        long merges,
        long rewrites,
        long failures,
        StallStats stalls) {}
