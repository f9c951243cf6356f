/** Pairs of actors for jcstress that need package-private classes of the segment registry: its gate, its handler cache. See {@code io.cleave.stress}. */
package io.cleave.core.registry;
