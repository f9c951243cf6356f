/** Pairs of actors for jcstress that need package-private classes of the log: claims of positions and their group commit. See {@code io.cleave.stress}. */
package io.cleave.log;
