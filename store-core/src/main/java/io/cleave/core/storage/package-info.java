/**
 * The only door to the outside: files, mappings, off-heap memory, sync, rename, locks, clock, threads, randomness. One real
 * implementation, one simulated for tests that forgets what was not synced, one that makes the k-th call fail.
 *
 * <ol>
 *   <li>No other package uses {@code java.nio.channels}, {@code java.nio.file.Files}, threads or the system clock.
 *   <li>Files are created 0600 and directories 0700; links are not followed; a file is never truncated.
 *   <li>A thread interrupt neither closes a file nor fails a call.
 *   <li>Every failure is a {@link io.cleave.error.StoreException} that names the path.
 * </ol>
 */
package io.cleave.core.storage;
