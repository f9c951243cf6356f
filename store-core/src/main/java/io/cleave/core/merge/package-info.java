/**
 * Sorted sources into one: {@link io.cleave.core.merge.MergeCursor} merges them, {@link
 * io.cleave.core.merge.VisibleCursor} shows what one snapshot sees of the result, {@link
 * io.cleave.core.merge.RetainingCursor} drops what no snapshot sees any more. Pure logic over {@link
 * io.cleave.core.entry.EntryCursor}; sees {@code entry}, {@code bytes}, {@code error}.
 *
 * <ol>
 *   <li>Of two versions of a key the one with the larger sequence number is the newer, whatever source holds it.
 *   <li>A version is dropped only when no registered snapshot and no later reader can see it.
 *   <li>A tombstone is dropped only when nothing older than the merged sources can exist.
 * </ol>
 */
package io.cleave.core.merge;
