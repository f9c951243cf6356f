package io.cleave.repair;

import java.nio.file.Path;

/**
 * An index that a repair works on. Immutable.
 *
 * @param name its name in the catalog
 * @param id its id
 * @param directory where it is
 */
record IndexPlace(String name, int id, Path directory) {}
