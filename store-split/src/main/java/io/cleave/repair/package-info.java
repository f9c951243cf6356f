/**
 * Repair of a damaged store that no process has open.
 *
 * <ol>
 *   <li>Nothing is deleted: what can't be used is moved below {@code set-aside} in the store's directory.
 *   <li>A repair is planned whole before anything is changed; a dry run is the plan.
 *   <li>Which of several segments holds a range is decided by what can be proved; {@link io.cleave.repair.SegmentTiling} says
 *       how.
 *   <li>A crash in the middle leaves a store that another repair finishes.
 *   <li>A file of another format version is not damage: the repair is refused.
 * </ol>
 */
package io.cleave.repair;
