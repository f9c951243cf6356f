package io.cleave.log;

/**
 * The second block of a log file: where it stands in the log. Written when the file takes its first record.
 *
 * @param base position of the file's byte 0, which is also where the records of its predecessor end
 * @param predecessor number of the file before, 0 for the first file of a log
 * @param synced how far the log was durable when this was written
 */
public record LogChain(long base, long predecessor, long synced) {}
