/**
 * Which segment holds which key range of an index: the key map on disk and the immutable snapshot of it that readers
 * search.
 *
 * <ol>
 *   <li>The ranges of a key map tile the key space: each begins where the one before ends.
 *   <li>A route snapshot is immutable; it is replaced whole under the key map lock and the commit lock.
 *   <li>The key map names a segment only after the segment is durable.
 * </ol>
 */
package io.cleave.route;
