/**
 * Figures of a store for Micrometer. Needs {@code io.micrometer:micrometer-core}, which whoever uses this brings along; nothing
 * else of Cleave sees this package or that library.
 */
@NullMarked
package io.cleave.micrometer;

import org.jspecify.annotations.NullMarked;
