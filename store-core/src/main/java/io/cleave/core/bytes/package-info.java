/**
 * Key order, variable-length integers, key hashes, checksums: pure functions over bytes.
 *
 * <ol>
 *   <li>Keys are ordered as unsigned bytes, shorter first where one is a prefix of the other.
 *   <li>Checksums are computed over heap arrays only: an intrinsic that meets a mapping of a file that shrank would kill
 *       the process.
 * </ol>
 */
package io.cleave.core.bytes;
