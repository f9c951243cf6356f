/**
 * What lies in a store's directory: the catalog of indexes, the names of files and directories, the lock against a second
 * writer.
 *
 * <ol>
 *   <li>An index exists when the catalog names it; creating and dropping replace the catalog whole.
 *   <li>An index id is never given out twice.
 *   <li>Names of users never become names of files.
 * </ol>
 */
package io.cleave.catalog;
