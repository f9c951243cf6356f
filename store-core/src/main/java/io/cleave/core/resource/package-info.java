/**
 * Who may still be reading what: counted references for holders that stay ({@link io.cleave.core.resource.Shared}), epochs
 * for point reads that leave at once ({@link io.cleave.core.resource.Epoch}), who may give back what another thread uses
 * ({@link io.cleave.core.resource.UseGate}), what nobody can reach any more ({@link io.cleave.core.resource.LeakDetector}), and locks with an asserted order ({@link
 * io.cleave.core.resource.RankedLock}).
 *
 * <ol>
 *   <li>Memory is unmapped or reused only when its last counted reference is gone and every point read that was under way at
 *       that moment has left its epoch.
 *   <li>A point read writes to no memory that another thread writes to.
 *   <li>A thread takes locks only in the order of {@link io.cleave.core.resource.LockRank}.
 *   <li>A handle is either closed or forgotten, and what it holds is given back once, by whoever did the one or found the other.
 * </ol>
 */
package io.cleave.core.resource;
