/** Pairs of actors for jcstress that need package-private classes of segments: their gate. See {@code io.cleave.stress}. */
package io.cleave.core.segment;
