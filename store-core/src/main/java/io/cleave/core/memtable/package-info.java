/**
 * The memtable: entries that are not yet in a run, off-heap, in chunks from a shared pool under a shared budget.
 *
 * <p>Start at {@link io.cleave.core.memtable.Memtable}; {@code Nodes} holds the entries, {@code NodeLayout} says where
 * their bytes stand, {@code Arena} owns them, {@code KeyTable} finds them by key; {@code MemtableOrder} brings them
 * into the {@code SkipList} when somebody asks, {@code TailSorter} helps it, {@code SlotOrder} makes links tell the
 * order of what they link, {@code SharedPrefix} tells which key bytes are worth telling.
 *
 * <ol>
 *   <li>One writer at a time; its successive threads are ordered by a lock of the owner's. It never waits for readers.
 *   <li>A node is written in full before anything leads to it: a place in the key table, the newest node's reference, a
 *       link. All of those are written with release and read with acquire.
 *   <li>Nodes are never moved, changed or removed; only slots and back references change.
 *   <li>Slots and back references of a node are the writer's until the node is published, and from then on those of the
 *       holder of the order's lock. Nothing but the order reads them.
 *   <li>The nodes in the order are all up to some put: the tail is what came after.
 *   <li>Links are made level 0 first, to nodes already linked.
 *   <li>A back reference names a node before this one, or the head; walking on from there always leads back.
 *   <li>A segment in the key table's directory never loses an entry; whoever finds nothing in one that was replaced
 *       meanwhile looks again.
 *   <li>A chunk or large region stands in its table before any reference to it can be read.
 *   <li>Recycled chunks are not zeroed: nothing is read that was not written since the chunk was taken.
 *   <li>What the budget counts is what was taken from the pool, at every moment between puts; both
 *       return to 0 by {@code free}.
 *   <li>A put that fails for lack of memory leaves the entries and the counts of them as they were.
 * </ol>
 */
package io.cleave.core.memtable;
