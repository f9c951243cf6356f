/**
 * Who may still be reading what: counted references for holders that stay ({@link io.cleave.core.resource.Shared}), epochs
 * for point reads that leave at once ({@link io.cleave.core.resource.Epoch}), and locks with an asserted order ({@link
 * io.cleave.core.resource.RankedLock}). Sees {@code storage}, {@code bytes}, {@code entry}, {@code error}.
 *
 * <ol>
 *   <li>Memory is unmapped or reused only when its last counted reference is gone and every point read that was under way at
 *       that moment has left its epoch.
 *   <li>A point read writes to no memory that another thread writes to.
 *   <li>A thread takes locks only in the order of {@link io.cleave.core.resource.LockRank}.
 * </ol>
 */
package io.cleave.core.resource;
