/**
 * The parts of a store that are replaced whole, and how old each may be: versions, the ledger of them on disk and in memory, and
 * the comparisons that tell a part put back from another copy.
 *
 * <ol>
 *   <li>The version of a part rises by one with each publish, and ids of segments and indexes never return: versions of one part
 *       can be compared.
 *   <li>A line in memory changes only after step P5 of the publish that it tells of; a part that could not be read, or was told,
 *       keeps its line.
 *   <li>The ledger on disk never tells more than what was durable before it.
 * </ol>
 *
 * <p>Authority: docs/format/metadata.md, "Parts"; docs/adr/0026-ledger-of-parts.md.
 */
package io.cleave.core.parts;
