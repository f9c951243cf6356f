/**
 * The memtable: entries that are not yet in a run, ordered, off-heap, in chunks from a shared pool under a shared
 * budget. Sees {@code entry}, {@code storage}, {@code bytes}, {@code error}.
 *
 * <p>Start at {@link io.cleave.core.memtable.Memtable}; {@code SkipList} keeps the order, {@code NodeLayout} says where
 * the bytes stand, {@code Arena} owns them, {@code SlotOrder} makes links tell the order of what they link.
 *
 * <ol>
 *   <li>One writer at a time; its successive threads are ordered by a lock of the owner's. Readers take no lock.
 *   <li>A node is written in full before its first link; links are written with release, level 0 first, and read with
 *       acquire.
 *   <li>Nodes are never moved, changed or removed; only links and back references change, and only to
 *       nodes already linked.
 *   <li>A back reference names a node before this one, or the head; walking on from there always leads back.
 *   <li>A chunk or large region stands in its table before any reference to it can be read.
 *   <li>Recycled chunks are not zeroed: nothing is read that was not written since the chunk was taken.
 *   <li>What the budget counts is what was taken from the pool, at every moment between puts; both
 *       return to 0 by {@code free}.
 *   <li>A put that fails for lack of memory leaves the entries and the counts of them as they were.
 * </ol>
 */
package io.cleave.core.memtable;
