package io.cleave.look;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A store that is read without being opened, so that nothing of it changes: neither by whoever may write there, nor on a medium that can't be
 * written. What only the log holds is read into memory; a store that was killed is not recovered by it.
 *
 * <p>Thread-safe; holds nothing open. Its cuts do.
 *
 * <p>Errors: {@link StoreException.NotFound} for a store or index that does not exist, {@link StoreException.Locked} while
 * somebody has the store open for writing, {@link StoreException.Busy} when others open it again and again, {@link
 * StoreException.LimitReached} when the log does not fit into memory, {@link StoreException.Corrupt} for damage.
 */
public final class StoreLook {
    /** How often it is tried again after somebody wrote meanwhile. */
    private static final int TRIES_MAX = 8;

    private final Storage storage;
    private final Path store;

    /** Looks at the store in a directory, through {@code storage}, which stays the caller's and whose limit of memory bounds cuts. */
    public StoreLook(Storage storage, Path store) {
        this.storage = storage;
        this.store = StoreRoot.of(storage, store);
    }

    /** The store's directory. */
    public Path directory() {
        return store;
    }

    /** Names of its indexes, in order, beside a writer as well. The set is the caller's. */
    public SortedSet<String> indexNames() {
        return new TreeSet<>(catalog().indexes().keySet());
    }

    /**
     * The entries of an index that lie within bounds, as they are now. The caller closes it.
     *
     * @param index its name
     * @param bounds what the caller will ask for: what lies outside is not read, and takes no memory
     */
    public IndexCut cut(String index, KeyBounds bounds) {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            requireNoWriter();
            IndexCut cut = tryCut(index, bounds);
            if (cut != null) {
                return cut;
            }
        }
        requireNoWriter();
        throw new StoreException.Busy("store " + store + " was written to during each of " + TRIES_MAX
                + " attempts to read it without opening it");
    }

    /** Null when the store has changed meanwhile. */
    private IndexCut tryCut(String index, KeyBounds bounds) {
        Path directory = StoreLayout.indexDirectory(store, indexId(catalog(), index));
        StoreMoment before;
        try {
            before = StoreMoment.of(storage, store, directory);
        } catch (StoreException.NotFound e) {
            // A writer has released a log file between the listing and the reading.
            return null;
        }
        IndexCut cut = null;
        boolean stands = false;
        try {
            cut = IndexCut.read(this, before, index, bounds);
            stands = !isChanged(directory, before) && cut.isCurrent();
        } catch (StoreException.Corrupt | StoreException.NotFound e) {
            if (!isChanged(directory, before)) {
                throw e;
            }
        } finally {
            if (cut != null && !stands) {
                cut.close();
            }
        }
        return stands ? cut : null;
    }

    Storage storage() {
        return storage;
    }

    PartFile.Held<StoreCatalog> readCatalog() {
        if (storage.kind(StoreCatalogFormat.FILE.in(store)) == Storage.PathKind.ABSENT) {
            boolean there = storage.kind(store) != Storage.PathKind.ABSENT;
            throw new StoreException.NotFound(there ? "no store in " + store : "store " + store + " does not exist");
        }
        return StoreCatalogFormat.FILE.read(storage, store);
    }

    StoreCatalog catalog() {
        return readCatalog().content();
    }

    int indexId(StoreCatalog catalog, String index) {
        Integer id = catalog.indexes().get(index);
        if (id == null) {
            throw new StoreException.NotFound("store " + store + " has no index \"" + index + "\""
                    + (catalog.indexes().isEmpty()
                            ? ""
                            : ": expected one of " + catalog.indexes().keySet()));
        }
        return id;
    }

    /** True when somebody writes now, or has written since a moment. */
    boolean isChanged(Path index, StoreMoment since) {
        // The lock first: whoever takes it later has not changed what was read before.
        boolean free = !storage.isLocked(store.resolve(StoreLayout.LOCK_NAME));
        try {
            return !free || !StoreMoment.of(storage, store, index).equals(since);
        } catch (StoreException.NotFound e) {
            return true;
        }
    }

    private void requireNoWriter() {
        if (storage.isLocked(store.resolve(StoreLayout.LOCK_NAME))) {
            throw new StoreException.Locked(
                    "store " + store + " is open for writing in " + StoreLayout.owner(storage, store)
                            + ", and can't be read beside it; stat, report, inspect and verify can look at it");
        }
    }
}
