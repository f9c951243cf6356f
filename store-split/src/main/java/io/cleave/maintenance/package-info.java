/**
 * Background work: the workers and their queue, and the pacing of writers when work falls behind.
 *
 * <ol>
 *   <li>Workers wait on a signal. What a task throws, whatever it is, ends that task alone: it is kept, counted, and handed to
 *       whoever waits for the task.
 *   <li>Two tasks of one group never run at the same time; a task that is queued already is not queued twice.
 *   <li>A writer is slowed down before it is stopped, and each slowdown is counted with its reason.
 * </ol>
 */
package io.cleave.maintenance;
