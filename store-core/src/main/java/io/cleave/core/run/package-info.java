/**
 * The run: an immutable sorted file of entries, written once from front to back and then mapped. A run is data blocks,
 * a sparse index over them, a point index or a bloom filter over the keys, properties and a footer. Authority for every
 * byte: docs/format/run.md.
 *
 * <ol>
 *   <li>A run never changes after {@link io.cleave.core.run.RunWriter#finish}; a file without a valid footer is not a
 *       run.
 *   <li>Entries stand by key ascending, within a key by sequence number descending; the versions of a key may continue
 *       in the next block.
 *   <li>Every byte of the file is covered by a checksum bound to the run's identity and the byte's offset, or is
 *       padding that must be zero.
 *   <li>Bytes are checked before they are believed: a piece's checksum and structure once for each mapping, afterwards
 *       the piece is read where it lies.
 *   <li>Checksums and decompression work on heap copies only, never on mapped memory.
 *   <li>No size read from a file is allocated before it was checked against the file's length or a limit.
 *   <li>Damage ends in {@link io.cleave.error.StoreException.Corrupt} that names file and offset, never in another
 *       exception and never in wrong data.
 * </ol>
 */
package io.cleave.core.run;
