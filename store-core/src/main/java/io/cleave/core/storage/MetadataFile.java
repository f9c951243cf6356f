package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Replaces and reads small framed files, see {@link MetadataFormat}. Replacement is the publish protocol of
 * docs/protocol/publish.md: a reader finds the old file or the new one, whole. Stateless; callers keep two publishers of one
 * file apart.
 */
public final class MetadataFile {
    /** Ending of the name under which the next version is written. */
    public static final String TEMPORARY_SUFFIX = ".tmp";

    /** Some ten milliseconds in all. */
    private static final int FORCE_TRIES_MAX = 256;

    private static final long FORCE_WAIT_NANOS = 50_000;

    private MetadataFile() {}

    /**
     * Publishes a new version: writes it beside the old one (P3), renames it over (P4), makes the name durable (P5).
     *
     * @throws StoreException.DiskFull before anything changed
     * @throws StoreException.Poisoned when it is not known which version is the durable one; nothing that either version
     *     names may be deleted until the store was reopened
     */
    public static void publish(Storage storage, Path file, byte[] framed) {
        publish(storage, file, framed, MetadataFormat.FILE_BYTES_MAX);
    }

    /** As {@link #publish(Storage, Path, byte[])}, for a file with another limit of size. */
    public static void publish(Storage storage, Path file, byte[] framed, int bytesMax) {
        if (framed.length > bytesMax) {
            throw new StoreException.LimitReached(
                    file + ": expected at most " + bytesMax + " bytes, found " + framed.length);
        }
        Path temporary = temporary(file);
        writeTemporary(storage, temporary, framed);
        try {
            storage.rename(temporary, file);
            forceName(storage, file.getParent());
        } catch (StoreException e) {
            throw new StoreException.Poisoned("publishing " + file + " failed; its durable version is unknown", e);
        }
    }

    /** Reads the file, checks its frame and that it belongs to the given store. */
    public static MetadataFormat.Frame read(Storage storage, Path file, long magic, StoreIdentity identity) {
        return requireOf(file, read(storage, file, magic), identity);
    }

    /** Checks that a frame belongs to the given store, and gives it back. */
    public static MetadataFormat.Frame requireOf(Path file, MetadataFormat.Frame frame, StoreIdentity identity) {
        if (!frame.store().equals(identity)) {
            throw new StoreException.Corrupt(
                    file, MetadataFormat.STORE_HIGH_OFFSET, "store identity", identity, frame.store());
        }
        return frame;
    }

    /** Reads the file and checks its frame, whatever store it belongs to. */
    public static MetadataFormat.Frame read(Storage storage, Path file, long magic) {
        return MetadataFormat.decode(file, magic, storage.readAll(file, MetadataFormat.FILE_BYTES_MAX));
    }

    /**
     * Forces a directory in which a name has changed. A refusal for want of descriptors or threads is no failed sync: nothing was
     * asked of the system yet, and others give theirs back in a moment.
     */
    private static void forceName(Storage storage, Path directory) {
        for (int tries = 1; ; tries++) {
            try {
                storage.forceDirectory(directory);
                return;
            } catch (StoreException.LimitReached e) {
                if (tries == FORCE_TRIES_MAX) {
                    throw e;
                }
                LockSupport.parkNanos(FORCE_WAIT_NANOS);
            }
        }
    }

    private static void writeTemporary(Storage storage, Path temporary, byte[] framed) {
        storage.delete(temporary);
        try (StorageFile out = storage.create(temporary)) {
            out.append(framed, 0, framed.length);
            out.force();
        } catch (StoreException e) {
            deleteQuietly(storage, temporary, e);
            throw e;
        }
    }

    private static void deleteQuietly(Storage storage, Path temporary, StoreException cause) {
        try {
            storage.delete(temporary);
        } catch (StoreException e) {
            cause.addSuppressed(e);
        }
    }

    private static Path temporary(Path file) {
        return file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
    }
}
