/**
 * Counts and latencies: a histogram of fixed size ({@link io.cleave.core.metrics.LatencyHistogram}), and counters that each
 * thread keeps for itself ({@link io.cleave.core.metrics.OperationCounters}).
 *
 * <ol>
 *   <li>Counting an operation writes to no memory that another thread writes to.
 *   <li>A count that was read is never above the truth; it may lack what other threads did in the last moments.
 *   <li>Nothing counted by a thread is lost when the thread ends.
 * </ol>
 */
package io.cleave.core.metrics;
