/**
 * The write-ahead log of a store: one sequence of records for all indexes, in preallocated files that name their
 * predecessor. Format: docs/format/log.md.
 *
 * <ol>
 *   <li>A file's identity block and name are durable before its chain block is written.
 *   <li>A file's chain block is durable before the file after it is created; so only the last started file and files
 *       that were never started can have a header that a crash tore.
 *   <li>The length word of a record is stored last; a zero length word is the end.
 *   <li>A file is forced completely before the first force of its successor. One force runs at a time.
 *   <li>A record carries how far the log was durable when it was appended; recovery never cuts below such a mark.
 *   <li>A failed force, directory force or store into a file poisons the log; nothing is retried or deleted afterwards.
 *   <li>Files are never truncated or reused, file numbers never used twice. Released files go oldest first, each
 *       deletion durable before the next.
 *   <li>What recovery drops is deleted after the file that records the cut is durable.
 *   <li>Positions grow by one for each byte, file headers included; sequence numbers rise from record to record.
 * </ol>
 *
 * <p>Locks, outermost first: the caller's commit lock (appends) or the monitor of {@link io.cleave.log.WriteAheadLog}
 * (releases), {@code structure} of the same (the next file), the monitor of {@link io.cleave.log.LogFileFactory}
 * (files made and removed), the leadership of {@link io.cleave.log.GroupCommit} (forces), the monitor of {@link
 * io.cleave.log.LogFileSet} (a leaf).
 */
package io.cleave.log;
