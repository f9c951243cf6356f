/**
 * The entry (key, sequence number, kind, value) and the two ways to reach one: a {@link io.cleave.core.entry.Lookup} of one
 * key and an {@link io.cleave.core.entry.EntryCursor} over many. Memtables, runs and merges all speak these.
 *
 * <ol>
 *   <li>Entries are ordered by key, and within a key by sequence number, newest first.
 *   <li>No two entries of one source share key and sequence number.
 * </ol>
 */
package io.cleave.core.entry;
