package io.cleave.catalog;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Deletions that the system refused, to be tried again: a file that stays takes room and does no harm, since no published file
 * names it. Nothing but the room depends on when it goes; what is left at the end goes as an orphan at the next open.
 *
 * <p>Thread-safe by its monitor, which is held across second tries and while a new file gets a name.
 */
final class KeptDeletions {
    /** More are left to the next open. */
    private static final int PATHS_MAX = 10_000;

    private final Storage storage;

    /** In the order in which they were asked for: files before their directory. Guarded by this. */
    private final Set<Path> paths = new LinkedHashSet<>();

    KeptDeletions(Storage storage) {
        this.storage = storage;
    }

    /** Deletes, or keeps the path for another try. */
    void delete(Path path) {
        try {
            storage.delete(path);
        } catch (StoreException.NotFound e) {
            throw e;
        } catch (StoreException e) {
            keep(path, e);
        }
    }

    /** Somebody is about to give this name to something new: what had it is gone. */
    synchronized void forget(Path path) {
        paths.remove(path);
    }

    /** Tries everything again. */
    synchronized void retry() {
        paths.removeIf(path -> {
            try {
                storage.delete(path);
                return true;
            } catch (StoreException.NotFound e) {
                return true;
            } catch (StoreException e) {
                return false;
            }
        });
    }

    /** How many wait. */
    synchronized int count() {
        return paths.size();
    }

    private synchronized void keep(Path path, StoreException failure) {
        if (paths.size() < PATHS_MAX && paths.add(path)) {
            System.getLogger(KeptDeletions.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            path
                                    + ": could not be deleted, takes room until it can be; tried again each second and at the"
                                    + " next open",
                            failure);
        }
    }
}
