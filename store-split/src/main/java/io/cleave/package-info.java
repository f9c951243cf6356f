/**
 * What a user of Cleave depends on: open a {@link io.cleave.SegmentStore}, get a {@link io.cleave.SegmentIndex}, read and
 * write bytes. Everything else is reached from here.
 *
 * <ol>
 *   <li>Keys are 1 to 65,535 bytes, ordered as unsigned bytes. Values are 0 bytes up to a limit of the options.
 *   <li>Arrays that go in are read before the call returns and never kept; arrays that come out belong to the caller.
 *   <li>A write that returned is visible to every read that begins later, in every thread.
 *   <li>Null goes in and comes out only where {@code @Nullable} stands; elsewhere a {@link NullPointerException} names the
 *       parameter.
 *   <li>Use after close throws {@link io.cleave.error.StoreClosedException}; what the outside world does wrong is a {@link
 *       io.cleave.error.StoreException}.
 * </ol>
 */
@NullMarked
package io.cleave;

import org.jspecify.annotations.NullMarked;
