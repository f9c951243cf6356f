/**
 * A store read without being opened: no byte is written, no file made, no lock held, and where nobody writes the answer is what
 * an open would give. Internal: users come to it by the command line.
 *
 * <ol>
 *   <li>Everything that a cut reads is either replaced whole (catalog, key map, manifest) or never changed under its name (run,
 *       released log file); what a writer changes otherwise is only the end of the log.
 *   <li>A writer that has opened the store leaves a new log file behind before it takes a write, and holds the lock until it ends. A
 *       repair of a store with a ledger that replaces any part publishes the ledger anew. So when catalog, key map, ledger and list
 *       of log files are the same before and after, and nobody holds the lock at either time, what was read between belongs together.
 *   <li>A cut stays right when a writer comes later; what it has not opened yet may then be gone, which it says.
 * </ol>
 *
 * <p>Source: docs/adr/0037-a-look-changes-nothing.md.
 */
package io.cleave.look;
