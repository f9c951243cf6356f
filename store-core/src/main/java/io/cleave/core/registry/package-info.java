/**
 * Safe access to segments: a state gate, ids from the directory, a bounded cache of handlers. It schedules nothing.
 *
 * <ol>
 *   <li>A refused operation has done nothing.
 *   <li>A segment is loaded once, however many threads ask; loading one never blocks access to another.
 *   <li>A handler that is locked, referenced or whose segment holds unflushed entries is not evicted.
 *   <li>An id is handed out once in the life of an index, and only after its mark is durable.
 * </ol>
 */
package io.cleave.core.registry;
