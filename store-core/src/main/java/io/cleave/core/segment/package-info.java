/**
 * One segment: a small LSM tree over one key range. Memtables on top, delta runs beneath, the main run last; a view
 * names them all and is replaced whole.
 *
 * <ol>
 *   <li>A view is immutable; a reader that holds one (by reference or epoch) finds everything it names alive.
 *   <li>Views are replaced and memtables written under the commit lock of the store.
 *   <li>A run is named by the manifest only after its bytes and its name are durable; a file is deleted only after the
 *       manifest that no longer names it is durable.
 *   <li>Everything up to the manifest's flushed sequence number is in its runs; recovery skips it.
 *   <li>Flush, compaction and isolation need the segment's handler lock, so there is one of them at a time.
 * </ol>
 */
package io.cleave.core.segment;
