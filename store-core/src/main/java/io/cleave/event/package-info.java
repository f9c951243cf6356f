/**
 * Events of a store for the flight recorder of the JDK: a flush, a compaction, a rewrite, a stall, a slow operation, a sync of
 * the log, a task, a leak. {@link io.cleave.event.StoreEvents} is all that others see.
 *
 * <ol>
 *   <li>Where the module {@code jdk.jfr} is missing nothing is recorded and nothing fails: only {@code FlightEvents} needs it,
 *       which is not loaded then.
 *   <li>An event that nobody records costs a look at a flag and allocates nothing.
 *   <li>No event holds keys or values.
 * </ol>
 */
@NullMarked
package io.cleave.event;

import org.jspecify.annotations.NullMarked;
