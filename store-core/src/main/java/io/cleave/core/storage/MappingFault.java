package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * What a caller is told when mapped bytes can't be read: the file was cut under its mapping, or its device is gone or has a bad block.
 * The JVM raises an {@link InternalError} then, Java 17 maybe only after the call that met it. Stateless, thread-safe.
 *
 * <p>Source: docs/adr/0024-faults-of-mapped-reads.md.
 */
public final class MappingFault {
    private MappingFault() {}

    /** The exception for a fault while a file, or one of those below a directory, was read. */
    public static StoreException.Io of(Path path, InternalError cause) {
        return new StoreException.Io(
                path + ": mapped bytes can't be read: a file was cut, or its device is gone or has a bad block", cause);
    }
}
