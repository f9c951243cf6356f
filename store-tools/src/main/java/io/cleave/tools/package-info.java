/**
 * The {@code cleave} command line: one class a sub-command. May see every other package and is seen by none; beside
 * io.cleave.core.storage the only place that may touch files, threads and clocks directly.
 *
 * <ol>
 *   <li>The exit code is 0 when all is well, 1 when the store said no, a key is absent or damage was found, 2 for wrong
 *       usage.
 *   <li>A failure is one line on standard error that begins with {@code cleave: }; a stack trace comes with {@code
 *       --stacktrace} only.
 *   <li>Standard output holds results and nothing else: progress goes to standard error.
 *   <li>Text is UTF-8. Bytes that are none are shown in a form that no text has: {@code \xNN} in lines, an object with the
 *       one field {@code hex} in JSON, hexadecimal digits outside of quotation marks on a page.
 *   <li>{@code stat}, {@code inspect}, {@code report} and {@code verify} change nothing in a store and need no lock; all
 *       others open the store.
 * </ol>
 */
package io.cleave.tools;
