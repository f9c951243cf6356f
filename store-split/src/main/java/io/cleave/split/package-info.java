/**
 * Two-phase rewriting of segments: splitting one that grew too large, merging neighbours that became small. Prepare streams
 * isolated segments into new ones while reads and writes go on; apply switches key map and route under short locks. The
 * numbered steps are those of docs/protocol/split.md.
 *
 * <ol>
 *   <li>New ids always; no directory is swapped in place.
 *   <li>Before apply, a failure leaves key map, route and segments as they were.
 *   <li>The key map on disk names the old segments or the new ones, never both, never neither.
 *   <li>Writers never wait for a prepare: their entries go to a side memtable that the new segments adopt.
 * </ol>
 */
package io.cleave.split;
