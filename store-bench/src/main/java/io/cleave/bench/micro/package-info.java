/**
 * JMH benchmarks of single calls of the public API, for a profiler and for looking at allocation; {@code ./cleave bench
 * micro} runs them.
 *
 * <ol>
 *   <li>Each benchmark works on a store of its own that is built in a temporary directory and deleted afterwards.
 *   <li>Classes with benchmarks are public and not final, because JMH writes subclasses of them.
 *   <li>A benchmark returns what it read, so that the compiler can't drop the call.
 * </ol>
 */
package io.cleave.bench.micro;
