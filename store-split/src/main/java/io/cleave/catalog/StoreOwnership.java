package io.cleave.catalog;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The right of this process to write a store: its lock, and as a second witness the word in the owner file, which every writer
 * replaces before it reads anything else.
 *
 * <p>The system may forget the lock: when other code of this process opens and closes the lock file, or when somebody removes
 * that file. Then it is taken again, unless somebody else was quicker. A writer that finds another one's word has lost the store
 * for good, whatever became of the lock: what it has in memory is not what is on the disk.
 *
 * <p>Ownership: whoever takes it closes it. Thread-safe. Errors: {@code Poisoned} with a {@code Locked} as its cause once the
 * store is lost. What can't be asked at the moment is no sign of a loss.
 */
public final class StoreOwnership implements AutoCloseable {
    private final Storage storage;
    private final Path store;
    private final Path owner;
    private final byte[] word;
    private final KeptDeletions kept;

    /** What the owner file is. Replaced by an equal one when the file was only touched. */
    private volatile Object mark;

    private volatile StoreException.Locked lost;

    /** Guarded by this. */
    private StorageLock lock;

    /** Guarded by this. */
    private boolean closed;

    private StoreOwnership(Storage storage, Path store, byte[] word, StorageLock lock) {
        this.storage = storage;
        this.store = store;
        this.owner = store.resolve(StoreLayout.OWNER_NAME);
        this.word = word;
        this.kept = new KeptDeletions(storage);
        this.lock = lock;
        this.mark = storage.identity(owner);
        watch(lock);
    }

    /**
     * Takes a store's lock and leaves word of who has it.
     *
     * @throws StoreException.Locked naming the process that holds it
     */
    public static StoreOwnership take(Storage storage, Path store) {
        StorageLock lock = StoreLayout.lockQuietly(storage, store);
        try {
            return new StoreOwnership(storage, store, StoreLayout.leaveWord(storage, store), lock);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /** The storage that was given, but that refuses to create, rename and delete files once the store is lost. */
    public Storage storage() {
        return new OwnedStorage(storage, this, kept);
    }

    /** Tries those deletions again that the system refused. */
    public void deleteKept() {
        requireOwner();
        kept.retry();
    }

    /** Deletions that the system has refused so far. */
    public int keptDeletions() {
        return kept.count();
    }

    /** Refuses to go on when somebody else has opened the store. One question to the system. */
    public void requireOwner() {
        StoreException.Locked known = lost;
        if (known != null) {
            throw poisoned(known);
        }
        Object before = mark;
        Object found;
        try {
            found = storage.identity(owner);
        } catch (StoreException e) {
            // Removed, or the device is gone: whoever opens the store would have written it anew.
            return;
        }
        if (!found.equals(before) && !isOurWord(found)) {
            throw lose("somebody else has opened it meanwhile, says " + owner);
        }
    }

    /** As {@link #requireOwner}; and takes the lock again if the system has forgotten it. */
    public void require() {
        synchronized (this) {
            if (!closed && lost == null && !lock.isHeld()) {
                takeAgain();
            }
        }
        requireOwner();
    }

    /** Requires: this monitor. */
    private void takeAgain() {
        lock.close();
        StorageLock again;
        try {
            again = storage.tryLock(store.resolve(StoreLayout.LOCK_NAME));
        } catch (StoreException e) {
            // No descriptor free, or the device is gone; tried again next time.
            return;
        }
        if (again == null) {
            throw lose("its lock was lost, and somebody else holds it now");
        }
        lock = again;
        watch(again);
    }

    /** The file may have been touched, or restored: then its bytes are the same. */
    private boolean isOurWord(Object found) {
        try {
            boolean ours = Arrays.equals(word, storage.readAll(owner, StoreLayout.OWNER_BYTES_MAX));
            if (ours) {
                mark = found;
            }
            return ours;
        } catch (StoreException.LimitReached e) {
            return false;
        } catch (StoreException e) {
            return true;
        }
    }

    private StoreException.Poisoned lose(String how) {
        StoreException.Locked cause = new StoreException.Locked("store " + store + ": " + how);
        lost = cause;
        return poisoned(cause);
    }

    private StoreException.Poisoned poisoned(StoreException.Locked cause) {
        return new StoreException.Poisoned(cause.getMessage() + "; this process writes it no more", cause);
    }

    /** Lets the lock find out where the system tells of it. */
    private static void watch(StorageLock lock) {
        boolean held = lock.isHeld();
        assert held : "the first look knows of no loss";
    }

    /** Gives the lock back. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        lock.close();
    }
}
