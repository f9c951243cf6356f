package io.cleave.log;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.core.storage.WritableRegion;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Makes and removes the files of an open log. Every attempt takes a new number, so a name that a failed attempt left
 * behind is never met again.
 *
 * <p>Thread-safe by its monitor, which is held across the creation and removal of files, never by an append that finds
 * its next file prepared.
 *
 * <p>Errors: {@code DiskFull} and other failures of the creation itself leave the log as it was, but for {@code Io}, with
 * which the caller poisons it: a force may be what failed. A failed directory force goes through {@code poison} here: a
 * later one could claim a success that it did not have.
 */
final class LogFileFactory {
    /**
     * Where the files go.
     *
     * @param storage the door to the outside
     * @param directory directory of the log
     * @param identity of the store
     * @param ledgerVersion the version of the store's ledger that is durable
     */
    record Home(Storage storage, Path directory, StoreIdentity identity, LongSupplier ledgerVersion) {}

    private final Home home;
    private final Storage storage;
    private final Function<Throwable, StoreException> poison;

    /** Guarded by this. */
    private long lastNumber;

    /** Files that are in no chain and may still have a name. Guarded by this. */
    private final Set<Path> leftovers = new LinkedHashSet<>();

    LogFileFactory(Home home, long lastNumber, Function<Throwable, StoreException> poison) {
        this.home = home;
        this.storage = home.storage();
        this.lastNumber = lastNumber;
        this.poison = poison;
    }

    /** A new file of zeros whose identity block and name are durable. */
    synchronized LogFile create(long bytes) {
        if (lastNumber == LogDirectory.NUMBER_MAX) {
            throw new StoreException.LimitReached(
                    "log " + home.directory() + ": all file numbers up to " + lastNumber + " are used");
        }
        long number = ++lastNumber;
        Path path = LogDirectory.file(home.directory(), number);
        leftovers.add(path);
        WritableRegion region = null;
        LogFile file;
        try {
            region = storage.createWritable(path, bytes);
            file = new LogFile(path, identity(number, bytes), region);
            file.writeIdentity();
        } catch (RuntimeException | Error e) {
            abandon(path, region, e);
            throw e;
        }
        try {
            forceDirectory();
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
        leftovers.remove(path);
        return file;
    }

    /** Removes a file that was never started, or tries to: its room may be needed, its presence harms nothing. */
    synchronized void discard(LogFile file) {
        leftovers.add(file.path());
        file.region().close();
        storage.delete(file.path());
    }

    /** Removes files that are in no chain, or tries to. */
    synchronized void discard(Collection<Path> paths) {
        leftovers.addAll(paths);
        removeLeftovers();
    }

    /** Removes what failed attempts left, durably: only then may a file of the chain go. False when something stays. */
    synchronized boolean removeLeftovers() {
        if (leftovers.isEmpty()) {
            return true;
        }
        leftovers.forEach(storage::delete);
        forceDirectory();
        leftovers.removeIf(this::isGone);
        return leftovers.isEmpty();
    }

    /** Removes a file durably; false when it stays, because the system refuses. */
    synchronized boolean delete(Path path) {
        storage.delete(path);
        if (!isGone(path)) {
            return false;
        }
        forceDirectory();
        return true;
    }

    private boolean isGone(Path path) {
        return storage.kind(path) == Storage.PathKind.ABSENT;
    }

    private LogIdentity identity(long number, long bytes) {
        return new LogIdentity(
                home.identity(),
                number,
                storage.bootId(),
                bytes,
                home.ledgerVersion().getAsLong());
    }

    private void forceDirectory() {
        try {
            storage.forceDirectory(home.directory());
        } catch (RuntimeException | Error e) {
            throw poison.apply(e);
        }
    }

    private void abandon(Path path, WritableRegion region, Throwable failure) {
        try {
            if (region == null) {
                // Nothing was made, or it was removed already; what has that name may be somebody else's.
                return;
            }
            region.close();
            storage.delete(path);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
