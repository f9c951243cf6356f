/**
 * Looks at a store's directory from outside: every file as named fields with their offsets, and every rule that a healthy
 * store obeys. For tools and tests. Knows nothing of an open store.
 *
 * <ol>
 *   <li>Nothing is changed: no file is created, written, locked or deleted.
 *   <li>A closed store and a store that a live writer changes are read alike: what vanished between two looks is looked for
 *       again, in the newest map or manifest.
 *   <li>A field is called what the format document calls it, and its offset is that of the file.
 *   <li>Verification throws for no damage: whatever is wrong becomes a finding, and the rest is still checked.
 * </ol>
 */
package io.cleave.inspect;
