/**
 * What can go wrong, as types; every other package may throw these.
 *
 * <ol>
 *   <li>A mistake of the caller is an {@link IllegalArgumentException}, {@link NullPointerException} or {@link
 *       io.cleave.error.StoreClosedException}.
 *   <li>What the outside world did is a {@link io.cleave.error.StoreException}, one nested type for each kind.
 *   <li>Every message says what, where, expected, found. Keys and values never appear in one.
 * </ol>
 */
@NullMarked
package io.cleave.error;

import org.jspecify.annotations.NullMarked;
