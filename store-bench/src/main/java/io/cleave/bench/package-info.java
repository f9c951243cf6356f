/**
 * Cleave measured against other embedded stores: {@code cleave bench} starts one process for each engine and shape of entries,
 * and compares what they report.
 *
 * <ol>
 *   <li>An engine is measured in a process of its own, {@link io.cleave.bench.BenchProcess}, so that none finds another's
 *       heap, caches or compiled code.
 *   <li>Each engine is used the way that serves it best, as a careful user would; where two ways are open, the one that
 *       measured faster.
 *   <li>What is read is looked at, and checked: an engine that loses an entry fails, however fast.
 * </ol>
 */
package io.cleave.bench;
